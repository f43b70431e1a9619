// Calls the host without an end.
// ends: calls time operations
for (;;) {
  try {
    http_get("http://example.com/");
  } catch (e) {}
}
