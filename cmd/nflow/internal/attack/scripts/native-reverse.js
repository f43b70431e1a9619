// Reverses what claims to be giant.
// hard
// ends: time error ok
Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
return {};
