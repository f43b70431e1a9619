// A generator that delegates to itself.
// hard
// ends: depth operations time memory
function* g() {
  yield* g();
}
return { n: [...g()].length };
