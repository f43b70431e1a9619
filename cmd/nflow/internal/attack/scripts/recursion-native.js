// Native code that calls native code, without a JavaScript frame between.
// hard
// ends: depth error operations time memory ok
let a = [];
for (let i = 0; i < 3000000; i++) a = [a];
return { s: String(a).length };
