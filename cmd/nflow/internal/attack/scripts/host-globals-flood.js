// Asks the host for thousands of globals.
// ends: ok error time operations
let n = 0;
for (let i = 0; i < 100000; i++) if (globalThis["name" + i] === undefined) n++;
return { n };
