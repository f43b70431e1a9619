// A sticky expression that backtracks at every place.
// hard
// ends: time error
const r = /(?:(a*)*)(?=b)/y;
let n = 0;
for (let i = 0; i < 1000; i++) {
  r.lastIndex = i;
  if (r.test("a".repeat(1000))) n++;
}
return { n };
