// A timer that sets two more.
// ends: time operations memory
const f = () => {
  setTimeout(f, 0);
  setTimeout(f, 0);
};
f();
