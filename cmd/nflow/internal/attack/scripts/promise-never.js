// Waits for what never comes.
// ends: error time
await new Promise(() => {});
