// A map with ever more keys.
// hard
// ends: memory time operations
const m = new Map();
for (let i = 0; ; i++) m.set("key" + i, { i, again: "value" + i });
