// Splices a giant range out.
// hard
// ends: time memory error ok
const o = { length: 2 ** 32 - 1 };
return { n: Array.prototype.splice.call(o, 0, 2 ** 32 - 2).length };
