// A giant regular expression.
// hard
// ends: error ok time memory
return { ok: /<<100000 x (a)?>>/.test("a") };
