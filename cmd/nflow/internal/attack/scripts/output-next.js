// An output whose name is a giant.
// ends: ok error payload time operations
next = "n".repeat(32 << 20);
return {};
