// Calls a function with a hundred million arguments.
// hard
// ends: memory time error depth ok
return { n: Math.max.apply(null, { length: 1e8 }) };
