// Gives every object a toJSON that answers for it.
// ends: ok error
Object.prototype.toJSON = function () {
  return { hijacked: true };
};
Array.prototype.toJSON = Object.prototype.toJSON;
c.Set("a", { b: [1] });
return { a: [1] };
