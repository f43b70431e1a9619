// Joins a hundred million holes.
// hard
// ends: memory time error payload ok
return { n: new Array(1e8).join("x").length };
