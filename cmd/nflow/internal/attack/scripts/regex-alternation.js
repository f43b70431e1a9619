// Backtracks over overlapping alternatives, with a look-ahead.
// hard
// ends: time error
return { ok: /^(?!x)(a|a|aa)+$/.test("a".repeat(60) + "!") };
