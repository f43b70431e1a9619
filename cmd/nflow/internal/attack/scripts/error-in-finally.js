// Throws again and again while it is being stopped.
// ends: time operations error depth
function f(n) {
  try {
    throw n;
  } finally {
    f(n + 1);
  }
}
try {
  f(0);
} finally {
  for (;;);
}
