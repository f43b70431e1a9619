// Concatenates a text to itself by way of its arguments.
// hard
// ends: memory time operations error
let s = "0123456789";
for (;;) s = s.concat(s, s, s, s, s, s, s, s, s, s);
