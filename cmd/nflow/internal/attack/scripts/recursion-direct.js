// Calls itself.
// ends: depth operations
function f() {
  return f() + 1;
}
f();
