// A loop that looks busy, so that no pattern finds it.
// ends: time operations
let x = 1;
while (x !== 0) x = (x * 48271) % 2147483647;
return { x };
