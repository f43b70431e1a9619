// Flattens an array that holds itself.
// hard
// ends: depth time memory error
const a = [1];
a.push(a);
return { n: a.flat(Infinity).length };
