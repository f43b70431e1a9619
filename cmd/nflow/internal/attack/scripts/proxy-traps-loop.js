// A trap that loops while the host looks at the answer.
// ends: time operations
return new Proxy({}, {
  ownKeys() {
    for (;;);
  },
});
