// Header values with line breaks and giants.
// ends: ok error payload
for (const v of ["a\r\nSet-Cookie: x=1", "\0", "x".repeat(1 << 20), "ñ\u2028"]) {
  try {
    c.SetHeader("X-A", v);
    c.SetHeader(v, "a");
  } catch (e) {}
}
c.JSON(200, { ok: true });
