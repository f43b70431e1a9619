// Spreads a generator that never ends.
// hard
// ends: memory time operations
function* g() {
  for (let i = 0; ; i++) yield i;
}
return { n: [...g()].length };
