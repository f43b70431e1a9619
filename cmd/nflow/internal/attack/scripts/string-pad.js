// Pads to two gigabytes.
// hard
// ends: memory time error payload ok
return { n: "x".padStart(2 ** 31 - 2, "abc").length };
