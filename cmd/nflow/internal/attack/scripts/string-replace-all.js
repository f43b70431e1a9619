// Replaces every empty place of a text by the text.
// hard
// ends: memory time operations error
let s = "x".repeat(4000);
for (;;) s = s.replaceAll("", s);
