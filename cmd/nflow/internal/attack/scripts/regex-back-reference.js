// Backtracks exponentially, with a back-reference.
// hard
// ends: time error
return { ok: /^(a+)+\1$/.test("a".repeat(40) + "!") };
