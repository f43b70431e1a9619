// A thenable that resolves with itself.
// ends: time operations memory error
const t = {
  then(ok) {
    ok(t);
  },
};
return t;
