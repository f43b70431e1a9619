// An instanceof that asks itself.
// ends: depth operations
const o = { [Symbol.hasInstance]: (x) => x instanceof o };
return { x: 1 instanceof o };
