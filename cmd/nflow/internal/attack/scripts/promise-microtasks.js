// Microtasks that queue microtasks, so that no timer ever gets a turn.
// ends: time operations memory
const again = () => queueMicrotask(again);
again();
