// A shift that asks for an exabyte.
// hard
// ends: memory time error
return { n: (1n << 2n ** 43n).toString(2).length };
