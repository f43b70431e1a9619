// A million timers at once.
// ends: time operations memory
for (let i = 0; i < 1000000; i++) setTimeout(() => {}, i % 1000);
