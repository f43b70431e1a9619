// Rejections that nobody handles.
// ends: time operations memory log ok error
for (let i = 0; i < 200000; i++) Promise.reject(new Error("unhandled " + i));
return {};
