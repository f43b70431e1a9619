// Native code over thirty million items.
// hard
// ends: memory time operations error ok
const a = new Array(3e7).fill(1);
return { n: a.length };
