// Makes arrays lie about themselves.
// ends: ok error
Array.prototype.toString = () => "lie";
Array.prototype[Symbol.iterator] = function* () {};
Array.prototype.push = () => 0;
Array.prototype.map = Array.prototype.forEach = () => [];
Object.keys = () => ["lie"];
return { a: [1, 2, 3], s: String([1]) };
