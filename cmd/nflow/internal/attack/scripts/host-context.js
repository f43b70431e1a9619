// Redefines c and calls its methods with hostile values.
// ends: ok error
const bad = { toString() { throw new Error("no text"); } };
for (const call of [() => c.JSON(bad, bad), () => c.SetHeader(bad, bad), () => c.Redirect("x", {}), () => c.JSON(200, new Proxy({}, { ownKeys() { throw 1; } })), () => c.Set(bad, 1), () => c.HTML(1e99, bad), () => c.Cookie(bad)]) {
  try {
    call();
  } catch (e) {}
}
Object.freeze(c);
c = null;
return {};
