// An async function that catches its own end.
// ends: time operations memory depth
async function f() {
  try {
    await f.missing();
  } catch (e) {
    return f();
  }
}
for (;;) await f();
