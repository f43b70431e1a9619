// A timer a hundred years from now.
// ends: time
setTimeout(() => {}, 3e12);
