// Async functions that start two of themselves.
// ends: time operations memory depth
async function f() {
  await null;
  return Promise.all([f(), f()]);
}
await f();
