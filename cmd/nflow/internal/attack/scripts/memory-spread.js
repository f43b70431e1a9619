// Objects that double by spreading.
// hard
// ends: memory time operations
let o = {}, n = 0;
for (;;) {
  const more = {};
  for (let i = 0; i < 1000; i++) more["k" + n++] = n;
  o = { ...o, ...more };
}
