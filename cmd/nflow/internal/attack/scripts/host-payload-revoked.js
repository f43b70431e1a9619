// A revoked proxy as the payload.
// ends: ok error
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
return proxy;
