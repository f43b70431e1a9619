// One giant literal.
// ends: error ok
return { n: "<<400000 x s>>".length };
