// A timer that is due at infinity.
// ends: time ok
setTimeout(() => {}, Infinity);
