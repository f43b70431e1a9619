// Searches an object that claims to have four thousand million items.
// hard
// ends: time error ok
return { at: Array.prototype.indexOf.call({ length: 2 ** 32 - 1 }, 99) };
