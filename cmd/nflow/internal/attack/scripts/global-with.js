// with, and a proxy as the scope of everything.
// ends: ok error time operations
const seen = [];
const scope = new Proxy({}, { has: (t, k) => (seen.push(String(k)), false), get: () => undefined });
with (scope) {
  var x = typeof somethingElse;
}
return { n: seen.length };
