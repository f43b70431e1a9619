// An array from a length.
// hard
// ends: memory time error
return { n: Array.from({ length: 1e9 }).length };
