// A linear expression over a giant text, again and again.
// ends: time operations memory
const text = "ab".repeat(500000);
let n = 0;
for (;;) n += text.match(/a(b)/g).length;
