// An error that cannot be shown.
// ends: error
class E extends Error {
  get name() { throw new E(); }
  get message() { throw new E(); }
  toString() { throw new E(); }
}
throw new E();
