// Asks for modules outside of everything.
// ends: ok error
const open = [];
for (const name of ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "fs", "node:fs", "fs/promises", "child_process", "node:child_process", "process", "os", "vm", "module", "worker_threads", "http", "net", "__proto__", "constructor", "toString", "", " fs", "FS", "./fs", "fs\0", "node:node:fs"]) {
  try {
    const m = require(name);
    if (m && (m.readFileSync || m.exec || m.env || m.runInThisContext || m.createServer || m.promises)) open.push(name);
  } catch (e) {}
}
return open.length ? { escaped: "modules " + open.join(", ") } : {};
