// Moves every item of a sparse giant by one.
// hard
// ends: time memory error ok
Array.prototype.unshift.call({ length: 2 ** 53 - 2, 5: 1 }, 0);
return {};
