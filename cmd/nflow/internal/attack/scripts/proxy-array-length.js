// A proxy of an array that claims a giant length.
// ends: payload time operations error memory
return new Proxy([], { get: (t, k) => (k === "length" ? 2 ** 32 - 1 : k === "toJSON" ? undefined : 1) });
