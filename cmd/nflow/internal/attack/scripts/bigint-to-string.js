// Squares a number until its digits take minutes.
// hard
// ends: memory time operations error
let n = 9n;
for (let i = 0; i < 40; i++) n = n * n;
return { s: n.toString(10) };
