// Small slices kept of large strings.
// hard
// ends: memory time operations
const kept = [];
for (let i = 0; ; i++) kept.push(("q".repeat(1 << 20) + i).slice(0, -1));
