// Rules that are as deep as a text can be.
// ends: ok error depth time operations
const out = rule_run({}, {}, "x = " + "(".repeat(100000) + "1" + ")".repeat(100000));
return { err: String(out && out.err).slice(0, 100) };
