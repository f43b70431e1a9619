// Asks for a hundred thousand modules that are not there.
// ends: calls time operations ok error
let n = 0;
for (let i = 0; i < 100000; i++) {
  try {
    require("missing-" + i);
  } catch (e) {
    n++;
  }
}
return { n };
