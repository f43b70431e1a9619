// Typed arrays, whose memory is not the heap's.
// hard
// ends: memory time operations error
const kept = [];
for (;;) kept.push(new Float64Array(1 << 20).fill(1.5));
