// A finally clause that loops once more when the loop before it is stopped.
// ends: time operations
try {
  for (;;);
} finally {
  for (;;);
}
