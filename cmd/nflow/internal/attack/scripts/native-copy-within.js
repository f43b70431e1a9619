// Moves items that are not there.
// hard
// ends: time error ok
Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1, 0);
return {};
