// Clones cycles, proxies and giants.
// ends: ok error time operations memory
const o = {};
o.me = o;
let deep = {};
for (let i = 0; i < 100000; i++) deep = { deep };
let n = 0;
for (const x of [o, deep, new Proxy({}, {}), () => 1, Symbol("x"), new Map([[o, o]])]) {
  try {
    structuredClone(x);
  } catch (e) {
    n++;
  }
}
return { n };
