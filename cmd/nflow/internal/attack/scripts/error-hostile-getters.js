// An error whose every part throws or loops.
// ends: time operations error
const e = new Error("x");
for (const k of ["name", "message", "stack", "toString", "cause"]) Object.defineProperty(e, k, { get() { for (;;); } });
throw e;
