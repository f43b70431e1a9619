// Shares one object so often that its text is giant.
// hard
// ends: memory time operations payload error
let o = { s: "0123456789" };
for (let i = 0; i < 40; i++) o = [o, o];
return { n: JSON.stringify(o).length };
