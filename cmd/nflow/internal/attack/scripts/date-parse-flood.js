// Parses dates that are none, again and again.
// ends: time operations
const s = "1".repeat(100000);
for (;;) Date.parse(s);
