// A getter that reads itself.
// ends: depth operations
const o = {
  get x() {
    return this.x;
  },
};
return o.x;
