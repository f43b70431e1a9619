// Reads a number with ten million digits.
// hard
// ends: memory time error ok
return { odd: BigInt("7".repeat(10000000)) % 2n === 1n };
