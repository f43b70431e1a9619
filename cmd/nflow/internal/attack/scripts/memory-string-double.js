// A string that doubles; ropes are flattened to take the memory for real.
// hard
// ends: memory time operations error
let s = "x";
for (;;) {
  s += s;
  s.charCodeAt(s.length - 1);
}
