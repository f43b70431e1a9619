// Tries to forge lines of the log.
// ends: ok
console.log("a\n2026-01-01 00:00:00 [admin] token granted\r\n\u001b[2J", "%s%s%s%n%d");
return {};
