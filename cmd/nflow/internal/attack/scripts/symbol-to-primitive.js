// A conversion that converts itself.
// ends: depth operations
const o = { [Symbol.toPrimitive]: () => o * 2 };
return { n: +o };
