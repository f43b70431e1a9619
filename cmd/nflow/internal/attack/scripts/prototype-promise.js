// Replaces then, so that awaiting runs the script's own code.
// ends: ok error time operations
Promise.prototype.then = function () {
  throw new Error("never");
};
const x = await Promise.resolve(1);
setTimeout(() => {}, 0);
return { x };
