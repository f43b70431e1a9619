// Ligatures that grow eighteen times when they are normalized.
// hard
// ends: memory time operations error
let s = "\ufdfa".repeat(200000);
const kept = [];
for (;;) kept.push(s.normalize("NFKD"));
