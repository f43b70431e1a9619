// Every road to the constructors of functions.
// ends: ok
const roads = [
  () => Function("return 1")(),
  () => new Function("return 1")(),
  () => (function () {}).constructor("return 1")(),
  () => (() => 1).constructor("return 1")(),
  () => (async () => 1).constructor("return 1")(),
  () => (function* () {}).constructor("yield 1")().next(),
  () => (class {}).constructor("return 1")(),
  () => ({ m() {} }).m.constructor("return 1")(),
  () => Reflect.construct(Function, ["return 1"])(),
  () => Reflect.apply(Function, null, ["return 1"])(),
  () => Function.bind(null, "return 1")()(),
  () => new (class extends Function {})("return 1")(),
  () => new Proxy(Function, {})("return 1")(),
  () => console.log.constructor("return 1")(),
  () => Object.getPrototypeOf(async function () {}).constructor("return 1")(),
  () => ["return 1"].map(Function)[0](),
  () => Array.from(["return 1"], Function)[0](),
  () => http_get.constructor("return 1")(),
];
const open = [];
roads.forEach((road, i) => {
  try {
    road();
    open.push(i);
  } catch (e) {}
});
return open.length ? { escaped: "roads " + open.join(", ") } : {};
