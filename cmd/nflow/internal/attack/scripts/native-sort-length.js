// Sorts an object that claims to have four thousand million items.
// hard
// ends: time memory error ok
Array.prototype.sort.call({ length: 2 ** 32 - 1 });
return {};
