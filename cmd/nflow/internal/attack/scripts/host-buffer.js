// Buffers with sizes and encodings that are none.
// ends: ok error memory time payload
let n = 0;
for (const f of [() => Buffer.alloc(-1), () => Buffer.from("x", "nothing"), () => Buffer.alloc(2 ** 53), () => Buffer.from({ length: 2 ** 20 }), () => Buffer.concat([{}]), () => Buffer.from("ff".repeat(1e5), "hex").toString("base64"), () => Buffer.alloc(10).write("x".repeat(100), 1e9)]) {
  try {
    f();
  } catch (e) {
    n++;
  }
}
return { n };
