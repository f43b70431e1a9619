// Cubic time on a long text, with a look-ahead.
// hard
// ends: time error ok
return { ok: /(?=x?)a*a*a*a*a*$/.test("a".repeat(20000) + "b") };
