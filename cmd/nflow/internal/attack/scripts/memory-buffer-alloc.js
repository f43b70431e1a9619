// Node's Buffer, filled.
// hard
// ends: memory time operations error payload
const kept = [];
for (;;) kept.push(Buffer.alloc(64 << 20, "x"));
