// Setters on Object.prototype that watch what the host makes.
// ends: ok error
const seen = [];
for (const k of ["a", "code", "message", "name", "status", "body", "constructor", "length"])
  Object.defineProperty(Object.prototype, k, { set(v) { seen.push(k); }, get() { return undefined; }, configurable: true });
try {
  http_get({});
} catch (e) {}
try {
  http_get();
} catch (e) {}
return { n: seen.length };
