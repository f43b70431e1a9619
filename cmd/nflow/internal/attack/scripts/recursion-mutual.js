// Two functions that call each other, and catch.
// ends: depth operations time
function a() {
  try {
    b();
  } catch (e) {
    b();
  }
}
function b() {
  try {
    a();
  } finally {
    a();
  }
}
a();
