// A promise whose species makes more of them.
// ends: time operations memory error depth ok
class P extends Promise {
  static get [Symbol.species]() {
    return function (run) {
      new P(run);
      return new P(run);
    };
  }
}
const go = () => P.resolve(1).then(go);
return go();
