// Sorts a typed array with a comparator that throws late.
// ends: time operations memory error
const a = new Float64Array(300000).map((_, i) => (i * 7919) % 300007);
let n = 0;
a.sort((x, y) => {
  if (++n > 1e9) throw new Error("late");
  return y - x;
});
for (;;) a.sort((x, y) => x - y), a.reverse();
