// Replaces the clock, then waits for it to move.
// ends: time operations
Date.now = () => 0;
globalThis.Date = { now: () => 0 };
while (Date.now() < 1);
