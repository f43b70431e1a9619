// Calls the host from promises without an end.
// ends: calls time operations memory
const again = () => {
  try {
    http_get("x");
  } catch (e) {}
  return Promise.resolve().then(again);
};
return again();
