// An object nested far deeper than anybody writes.
// ends: error depth memory time operations payload
let o = {};
for (let i = 0; i < 500000; i++) o = { o };
return { n: JSON.stringify(o).length };
