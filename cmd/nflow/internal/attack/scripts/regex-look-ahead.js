// Backtracks exponentially, behind a look-ahead so that no linear engine takes it.
// hard
// ends: time error
return { ok: /^(?=(a+)+$)(a+)+$/.test("a".repeat(40) + "!") };
