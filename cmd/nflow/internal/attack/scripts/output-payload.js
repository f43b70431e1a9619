// A payload larger than any limit.
// ends: payload memory time operations
const a = [];
for (let i = 0; i < 64; i++) a.push("p".repeat(1 << 20));
return a;
