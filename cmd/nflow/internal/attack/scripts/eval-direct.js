// Direct and indirect eval.
// ends: error
const ways = [() => eval("1"), () => (0, eval)("1"), () => globalThis["ev" + "al"]("1"), () => [eval][0]("1"), () => eval.call(null, "1")];
let found = 0;
for (const way of ways) {
  try {
    way();
    found++;
  } catch (e) {}
}
if (found) return { escaped: found + " ways to eval" };
eval("1");
