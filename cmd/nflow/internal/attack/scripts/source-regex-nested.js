// A regular expression of nothing but groups.
// ends: error ok time
return { ok: /<<450 x (>>a<<450 x )*>>/.test("a") };
