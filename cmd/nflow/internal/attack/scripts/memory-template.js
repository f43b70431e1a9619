// Template strings that hold themselves.
// hard
// ends: memory time operations error
let s = "x";
for (;;) s = `${s}${s}-${s}`;
