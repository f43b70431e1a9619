// Looks for NaN among items that are not there.
// hard
// ends: time error ok
return { found: Array.prototype.includes.call({ length: 2 ** 53 - 1 }, NaN) };
