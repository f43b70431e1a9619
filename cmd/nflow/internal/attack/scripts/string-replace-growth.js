// $& and $` make each match as long as the text.
// hard
// ends: memory time operations error
let s = "ab".repeat(2000);
for (let i = 0; i < 6; i++) s = s.replace(/a/g, "$`$&$'");
return { n: s.length };
