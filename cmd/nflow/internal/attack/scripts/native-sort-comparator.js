// A comparator that contradicts itself.
// ends: time operations memory error ok
const a = [];
for (let i = 0; i < 200000; i++) a.push(i);
let flip = 1;
for (;;) a.sort(() => (flip = -flip));
