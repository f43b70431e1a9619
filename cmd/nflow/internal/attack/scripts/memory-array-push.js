// An array that grows for ever.
// hard
// ends: memory time operations
const a = [];
for (;;) a.push(new Array(1000).fill(a.length));
