// Throws a giant object.
// ends: error time operations memory
const a = [];
for (let i = 0; i < 100000; i++) a.push({ i, s: "x".repeat(100) });
throw a;
