// A chain of promises without an end.
// ends: time operations memory
const step = () => Promise.resolve().then(step);
return step();
