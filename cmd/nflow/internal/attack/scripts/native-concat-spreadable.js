// Concatenates what claims to be a giant array.
// hard
// ends: memory time error ok
const giant = { length: 2 ** 32 - 2, [Symbol.isConcatSpreadable]: true };
return { n: [].concat(giant, giant).length };
