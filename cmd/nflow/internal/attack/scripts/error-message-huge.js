// An error whose message is a giant.
// ends: error memory time
throw new Error("m".repeat(4 << 20));
