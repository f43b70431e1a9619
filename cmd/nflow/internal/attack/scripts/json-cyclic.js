// A payload that holds itself.
// ends: error payload
payload.me = payload;
return payload;
