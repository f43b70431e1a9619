// Array.from over an iterator that is never done.
// hard
// ends: memory time operations
return { n: Array.from({ [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) }).length };
