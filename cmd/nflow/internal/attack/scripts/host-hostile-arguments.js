// Host functions called with what cannot be JSON.
// ends: ok error payload
const cyclic = {};
cyclic.me = cyclic;
let n = 0;
for (const x of [cyclic, new Proxy({}, { ownKeys() { throw 1; } }), { toJSON() { throw 1; } }, { get url() { throw 1; } }, Symbol("s"), () => 1, 10n, NaN, new Date(NaN), Object.create(null), "\ud800"]) {
  try {
    http_get(x, x);
  } catch (e) {
    n++;
  }
}
return { n };
