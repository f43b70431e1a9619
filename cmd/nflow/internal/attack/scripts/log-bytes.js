// Writes few, but giant lines.
// ends: log time operations memory ok
const s = "x".repeat(4 << 20);
for (let i = 0; i < 100; i++) console.log(s, s, s);
return {};
