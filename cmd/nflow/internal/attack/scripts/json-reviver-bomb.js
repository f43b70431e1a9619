// A reviver that makes the tree grow while it is walked.
// ends: time operations memory depth error
return JSON.parse('{"a":[1]}', function (k, v) {
  if (Array.isArray(v)) v.push([1]);
  if (typeof v === "number") this.more = [[1], [1]];
  return { k, v, again: [this] };
});
