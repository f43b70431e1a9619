// Endless empty matches with a hostile exec.
// ends: time operations
const r = /x*/g;
r.exec = () => ({ 0: "", index: 0, length: 1 });
let n = 0;
for (const m of RegExp.prototype[Symbol.matchAll].call(r, "abc")) n++;
"abc".replace(r, "");
for (;;) n++;
