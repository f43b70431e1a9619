// A hundred thousand proxies, one in front of the other.
// hard
// ends: depth error operations time memory ok
let p = {};
for (let i = 0; i < 1000000; i++) p = new Proxy(p, {});
return { x: String(p.x) };
