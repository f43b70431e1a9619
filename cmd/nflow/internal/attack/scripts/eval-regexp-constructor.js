// Builds expressions and dates from hostile texts.
// ends: ok error time operations
let n = 0;
for (const s of ["(", "[", "(?<a>b)\\k<a>", "(?<=a)b", "\\u{110000}", "{1,99999999999}", "a{1000000000}"]) {
  try {
    new RegExp(s, "u").test("a");
    n++;
  } catch (e) {}
}
return { n };
