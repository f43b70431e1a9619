// Arrays that double by spreading.
// hard
// ends: memory time operations error
let a = [1];
for (;;) a = [...a, ...a];
