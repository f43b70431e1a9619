// Closes the function around it.
// ends: error
}); globalThis.escaped = 1; (function () {
