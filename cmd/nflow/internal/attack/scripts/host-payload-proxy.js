// A proxy as the payload, with keys that are never the same.
// ends: ok error time operations payload
let n = 0;
return new Proxy({}, {
  ownKeys: () => ["k" + n++],
  getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: n }),
  get: (t, k) => (k === "toJSON" ? undefined : n),
});
