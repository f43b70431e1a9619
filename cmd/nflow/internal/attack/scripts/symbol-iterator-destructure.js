// Destructures what never ends.
// hard
// ends: memory time operations
const [a, ...rest] = { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) };
return { a, n: rest.length };
