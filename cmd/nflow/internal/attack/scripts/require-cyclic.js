// A module that requires itself and its friend.
// ends: ok error time operations depth
return { n: Object.keys(require("cycle-a")).length };
