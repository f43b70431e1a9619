// A payload whose getters change it while it is read.
// ends: ok error
let n = 0;
Object.defineProperty(payload, "a", { enumerable: true, get() { n++; delete payload.b; payload["c" + n] = n; return n; } });
payload.b = 1;
return payload;
