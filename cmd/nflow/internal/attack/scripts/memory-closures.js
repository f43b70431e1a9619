// Closures that hold each other and a buffer each.
// hard
// ends: memory time operations
let f = () => 0;
for (;;) {
  const before = f, buffer = new Array(2000).fill(1.5);
  f = () => before.length + buffer.length;
}
