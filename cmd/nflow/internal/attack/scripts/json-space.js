// Indents each line with a text that is not ten characters at all.
// ends: ok error
const s = JSON.stringify([[[[1]]]], null, { toString: () => "x".repeat(1e6), valueOf: () => 1e9 });
return { n: s.length };
