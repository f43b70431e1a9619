// Texts handed to timers.
// ends: ok error
let escaped = 0;
globalThis.mark = () => escaped++;
for (const f of [setTimeout, setInterval, setImmediate, queueMicrotask]) {
  try {
    f("mark()", 0);
  } catch (e) {}
}
await new Promise((ok) => setTimeout(ok, 5));
return escaped ? { escaped: "a timer ran text" } : {};
