// Busy waiting by the clock.
// ends: time operations
const end = Date.now() + 1e12;
while (Date.now() < end);
