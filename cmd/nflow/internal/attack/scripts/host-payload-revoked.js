// A revoked proxy as the payload.
// ends: ok error broken
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
return proxy;
