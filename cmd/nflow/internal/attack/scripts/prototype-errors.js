// Replaces the error classes that the host throws.
// ends: ok error
globalThis.Error = globalThis.TypeError = globalThis.RangeError = function () {
  return { get message() { throw 1; } };
};
try {
  require("fs");
} catch (e) {
  return { kind: typeof e };
}
