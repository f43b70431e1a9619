// Rejects with undefined.
// ends: error
await Promise.reject();
