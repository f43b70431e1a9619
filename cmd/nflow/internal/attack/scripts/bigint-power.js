// A power with a hundred million digits.
// hard
// ends: memory time error
return { n: String(7n ** 100000000n).length };
