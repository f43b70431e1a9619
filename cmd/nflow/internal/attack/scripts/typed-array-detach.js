// Resizes and slices views past their ends.
// ends: ok error
const b = new ArrayBuffer(8);
const v = new DataView(b), u = new Uint8Array(b);
let n = 0;
for (const f of [() => v.getFloat64(1e9), () => v.setInt32(-1, 1), () => u.set([1], 2 ** 31), () => u.subarray(-1e9, 1e9), () => new Uint16Array(b, 1), () => new Uint8Array(b, 0, 2 ** 40), () => u.copyWithin(0, -1e99, 1e99), () => new ArrayBuffer(-1), () => b.slice(1e99)]) {
  try {
    f();
  } catch (e) {
    n++;
  }
}
return { n };
