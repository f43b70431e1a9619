// Nested labelled loops that jump to one another.
// ends: time operations
outer: for (;;) {
  inner: for (let i = 0; ; i++) {
    if (i % 7 === 0) continue outer;
    if (i < 0) break inner;
  }
}
