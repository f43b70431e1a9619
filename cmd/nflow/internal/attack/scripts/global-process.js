// Looks for the process and its environment.
// ends: ok
const open = [];
for (const name of ["process", "Deno", "Bun", "module", "__dirname", "os", "fs", "env", "global", "window", "self", "importScripts", "WebAssembly", "SharedArrayBuffer", "Atomics", "XMLHttpRequest", "fetch"]) {
  const x = globalThis[name];
  if (x && (x.env && x.env.PATH || x.exit || x.cwd || x.readFileSync || x.instantiate || typeof x.binding === "function")) open.push(name);
}
return open.length ? { escaped: open.join(", ") } : {};
