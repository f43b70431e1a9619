// A very long chain of prototypes.
// ends: time operations memory error ok
let o = {};
for (let i = 0; i < 300000; i++) o = Object.create(o);
let n = 0;
for (;;) n += o.nothing === undefined ? 1 : 0;
