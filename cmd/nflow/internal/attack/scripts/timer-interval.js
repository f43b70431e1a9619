// An interval that never ends.
// ends: time operations
setInterval(() => {}, 0);
