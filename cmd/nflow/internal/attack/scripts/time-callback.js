// A loop inside a callback of native code.
// ends: time operations
[1].map(() => {
  for (;;);
});
