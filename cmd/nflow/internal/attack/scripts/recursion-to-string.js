// toString and valueOf that need each other.
// ends: depth operations
const o = { toString: () => `${o}`, valueOf: () => +o };
return { s: o + "" };
