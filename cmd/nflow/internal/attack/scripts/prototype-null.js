// Takes the prototypes away from what the host hands out.
// ends: ok error
Object.setPrototypeOf(console, null);
Object.setPrototypeOf(payload, null);
Object.setPrototypeOf(Array.prototype, null);
console.log(payload, [1]);
return payload;
