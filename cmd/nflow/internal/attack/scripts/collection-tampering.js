// Collections that change while native code walks over them.
// ends: time operations memory ok error
const m = new Map([[1, 1]]);
let n = 0;
m.forEach((v, k) => {
  if (n++ < 1e7) {
    m.delete(k);
    m.set(k + 1, 1);
  }
});
return { n };
