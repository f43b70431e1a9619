// One giant buffer.
// hard
// ends: memory time operations error
const b = new ArrayBuffer(8 * 1024 * 1024 * 1024);
new Uint8Array(b).fill(7);
return { size: b.byteLength };
