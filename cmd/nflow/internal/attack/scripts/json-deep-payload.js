// A payload nested far deeper than anybody reads.
// ends: error payload depth memory time operations
for (let i = 0, o = payload; i < 500000; i++) o = o.o = {};
