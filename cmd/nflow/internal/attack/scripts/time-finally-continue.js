// Each stop is swallowed by a continue in a finally clause.
// ends: time operations
for (;;) {
  try {
    for (;;);
  } finally {
    continue;
  }
}
