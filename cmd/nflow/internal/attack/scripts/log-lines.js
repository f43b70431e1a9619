// Writes lines without an end.
// ends: log time operations
for (;;) console.log("line");
