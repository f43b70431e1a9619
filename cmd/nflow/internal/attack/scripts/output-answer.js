// An answer larger than any limit.
// ends: payload memory time operations ok
c.HTML(200, "<p>" + "p".repeat(17 << 20));
return {};
