// Throws a proxy whose every trap throws.
// ends: error
const handler = new Proxy({}, { get() { throw 1; } });
throw new Proxy({}, handler);
