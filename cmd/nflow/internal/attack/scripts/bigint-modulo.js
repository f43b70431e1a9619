// A giant division in a loop.
// hard
// ends: time operations memory
const a = 3n ** 2000000n, b = 7n ** 300000n;
let r = 0n;
for (;;) r += a % b;
