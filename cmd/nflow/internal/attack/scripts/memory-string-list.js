// Many long strings, all kept.
// hard
// ends: memory time operations
const kept = [];
for (let i = 0; ; i++) kept.push(("y" + i).padEnd(1 << 20, "z"));
