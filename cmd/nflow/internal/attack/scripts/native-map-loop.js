// Adds to a set while it walks over it.
// ends: time operations memory
const s = new Set([0]);
for (const x of s) s.add(x + 1);
