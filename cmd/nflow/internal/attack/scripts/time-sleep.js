// Sleeps for a day, again and again.
// ends: time
for (;;) {
  try {
    sleep(86400000);
  } catch (e) {}
}
