// An iterator that is never done and refuses to close.
// ends: time operations
const it = { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }), return() { for (;;); } }) };
for (const x of it) if (x === 2) break;
