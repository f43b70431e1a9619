// A set of ever more objects.
// hard
// ends: memory time operations
const s = new Set();
for (;;) s.add([{}, {}, {}, {}]);
