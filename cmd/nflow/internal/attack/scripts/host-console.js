// Redefines console and passes it hostile values.
// ends: ok error log
const log = console.log;
console.log = null;
globalThis.console = new Proxy({}, { get: () => log });
console.anything({ get a() { throw new Error("getter"); }, toString() { throw 1; } });
log(new Proxy({}, { get() { throw 1; }, ownKeys() { throw 1; } }));
log(Object.create(null), Symbol("s"), 10n, [,], new Proxy([], {}));
return {};
