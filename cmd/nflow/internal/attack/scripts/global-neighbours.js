// Looks for what other runs left behind.
// ends: ok
const found = [];
for (const k of Object.getOwnPropertyNames(globalThis)) if (/leftover/.test(k)) found.push(k);
for (const k in {}) found.push(k);
for (const k in []) found.push(k);
if (" a ".trim() !== "a" || Math.max(1, 2) !== 2 || JSON.parse("1") !== 1) found.push("built-ins");
if (typeof leftover2 !== "undefined") found.push("leftover2");
return found.length ? { escaped: found.join(", ") } : {};
