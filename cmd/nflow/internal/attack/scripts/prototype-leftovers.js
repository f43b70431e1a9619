// Leaves marks wherever the next run could find them.
// ends: ok error
Object.prototype.leftover = 1;
Array.prototype.leftover = 1;
globalThis.leftover = 1;
leftover2 = 1;
String.prototype.trim = () => "leftover";
Math.max = () => "leftover";
JSON.parse = () => "leftover";
setInterval(() => { globalThis.leftover3 = 1; }, 1);
Promise.resolve().then(() => { globalThis.leftover4 = 1; });
throw new Error("done");
