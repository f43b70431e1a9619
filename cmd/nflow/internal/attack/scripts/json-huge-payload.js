// The same as the payload.
// ends: payload time operations memory error
let o = { s: "0123456789" };
for (let i = 0; i < 40; i++) o = [o, o];
return o;
