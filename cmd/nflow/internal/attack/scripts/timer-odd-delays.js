// Delays that are no delays.
// ends: ok error
let n = 0;
for (const d of [-1, NaN, "x", null, {}, -Infinity, "5", undefined, [], false, -0]) setTimeout(() => n++, d);
clearTimeout(NaN);
clearTimeout({});
clearInterval(-1);
await new Promise((ok) => setTimeout(ok, 20));
return { n };
