// Host functions called with giant texts.
// ends: ok error payload memory time operations
const s = "x".repeat(8 << 20);
for (let i = 0; i < 200; i++) {
  try {
    http_get(s);
  } catch (e) {}
}
return {};
