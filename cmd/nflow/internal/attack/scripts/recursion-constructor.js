// A class that makes itself.
// ends: depth operations
class A {
  constructor() {
    this.next = new A();
  }
}
new A();
