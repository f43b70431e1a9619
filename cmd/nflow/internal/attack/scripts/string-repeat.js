// A gigabyte of text at once.
// hard
// ends: memory time error payload ok
return { n: "x".repeat(1 << 30).length };
