// URLs and queries that are hard to read.
// ends: ok error time operations memory
let n = 0;
for (const s of ["http://" + "a".repeat(1e6), "http://x/?" + "a&".repeat(2e5), "http://[::1", "http://x:99999", "\0", "http://x/" + "../".repeat(1e5), "http://" + "%".repeat(1e5)]) {
  try {
    new URL(s);
    new URLSearchParams(s).toString();
  } catch (e) {
    n++;
  }
}
return { n };
