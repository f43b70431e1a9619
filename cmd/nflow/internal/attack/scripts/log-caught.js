// Writes lines without an end and catches what stops it.
// ends: log time operations
for (;;) {
  try {
    for (;;) console.error({ a: [1, 2, { b: "c" }] });
  } catch (e) {}
}
