// A proxy whose trap asks the proxy.
// ends: depth operations
const p = new Proxy({}, { get: (t, k) => p[k] });
return { x: p.x };
