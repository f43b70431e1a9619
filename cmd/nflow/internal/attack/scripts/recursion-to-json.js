// A toJSON that stringifies itself.
// ends: depth operations
const o = { toJSON: () => JSON.stringify(o) };
return o;
