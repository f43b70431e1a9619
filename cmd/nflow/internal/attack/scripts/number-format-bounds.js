// Numbers formatted at their bounds.
// ends: ok error
const out = [];
for (const n of [1e21, 5e-324, -0, 2 ** 53]) {
  for (const f of [() => n.toFixed(100), () => n.toPrecision(100), () => n.toString(36), () => n.toString(2), () => n.toExponential(100), () => (1).toFixed(1e9)]) {
    try {
      out.push(f().length);
    } catch (e) {}
  }
}
return { n: out.length };
