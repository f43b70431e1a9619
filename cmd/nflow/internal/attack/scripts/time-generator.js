// A generator whose finally clause loops when it is closed.
// ends: time operations
function* g() {
  try {
    for (;;) yield 1;
  } finally {
    for (;;);
  }
}
for (const x of g()) if (x !== 1) break;
