// Runs script code in the middle of a host call, which calls the host.
// ends: depth operations calls error payload time
const again = { toJSON: () => http_get(again) };
return { x: http_get(again) };
