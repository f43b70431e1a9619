// Dates and formats at their bounds.
// ends: ok error
const out = [];
for (const x of [8.64e15, 8.64e15 + 1, -8.64e15, NaN, Infinity, "x".repeat(1e5), "+275760-09-13T00:00:00Z", {}]) {
  for (const f of [(d) => d.toISOString(), (d) => d.toLocaleString("xx-nothing"), (d) => d.toJSON(), (d) => d.setFullYear(1e9), (d) => String(d)]) {
    try {
      out.push(String(f(new Date(x))).length);
    } catch (e) {}
  }
}
return { n: out.length };
