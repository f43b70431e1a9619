// Looks for native frames and paths in stacks.
// ends: ok error
let text = "";
try {
  require("fs");
} catch (e) {
  text = String(e.stack) + e.message;
}
try {
  null.x;
} catch (e) {
  text += e.stack;
}
return /\.go\b|\/home\/|goroutine/.test(text) ? { escaped: text } : {};
