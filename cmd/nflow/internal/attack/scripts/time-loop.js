// The plainest of all: a loop without an end.
// ends: time operations
for (;;);
