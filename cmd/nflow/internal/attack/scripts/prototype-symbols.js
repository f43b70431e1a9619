// Well-known symbols on the root of everything.
// ends: ok error depth operations time
Object.prototype[Symbol.toPrimitive] = () => "p";
Object.prototype[Symbol.toStringTag] = "Tag";
Object.prototype[Symbol.iterator] = function* () { yield 1; };
Object.prototype[Symbol.isConcatSpreadable] = true;
return { s: `${{}}`, a: [].concat({ length: 1, 0: 1 }) };
