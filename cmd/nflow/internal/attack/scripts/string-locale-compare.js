// Compares long texts again and again.
// ends: time operations memory
const a = "ä".repeat(200000), b = "ä".repeat(200000) + "b";
let n = 0;
for (;;) n += a.localeCompare(b);
