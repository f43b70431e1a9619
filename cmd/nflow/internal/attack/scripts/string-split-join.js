// Splits a long text into letters and joins them, again and again.
// ends: time operations memory
let s = "x".repeat(300000);
for (;;) s = s.split("").reverse().join("");
