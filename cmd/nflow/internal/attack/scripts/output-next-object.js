// An output whose name is computed while it is read.
// ends: time operations
next = {
  toString() {
    for (;;);
  },
};
