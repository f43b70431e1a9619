// An output whose name is a giant.
// ends: ok error payload time operations
next = "n".repeat(4 << 20);
return {};
