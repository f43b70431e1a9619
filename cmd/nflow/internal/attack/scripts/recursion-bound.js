// A function bound a million times.
// hard
// ends: depth error operations time memory ok
let f = () => 1;
for (let i = 0; i < 3000000; i++) f = f.bind(null);
return { x: f() };
