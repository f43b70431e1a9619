// A species that makes every map return a giant.
// hard
// ends: memory time operations error ok
class A extends Array {
  static get [Symbol.species]() {
    return function () {
      return new Array(1e8).fill(0);
    };
  }
}
return { n: new A(1, 2, 3).map((x) => x).length };
