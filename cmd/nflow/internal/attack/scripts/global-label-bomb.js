// Deletes and redefines every global while it runs.
// ends: ok error
for (const k of Object.getOwnPropertyNames(globalThis)) {
  try {
    Object.defineProperty(globalThis, k, { get() { throw new Error(k); }, configurable: true });
  } catch (e) {}
}
return {};
