// Keeps a giant for the nodes that follow.
// ends: payload memory time operations
for (let i = 0; i < 64; i++) c.Set("k" + i, "v".repeat(1 << 20));
return {};
