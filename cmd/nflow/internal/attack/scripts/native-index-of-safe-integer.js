// The same with nine thousand million million items, from the far end.
// hard
// ends: time error ok
return { at: Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 99) };
