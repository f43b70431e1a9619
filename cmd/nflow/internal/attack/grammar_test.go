//go:build unix

package attack_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// grammar writes random programs that try to take time, memory and stack, to
// break what the engine hands out, and to get out. Most of them parse.
type grammar struct {
	*rand.Rand

	b     strings.Builder
	depth int
	names int
}

const (
	maxGrammarDepth = 6
	maxGrammarBytes = 8 << 10
)

// program is one random program.
func program(seed uint64) string {
	g := &grammar{Rand: rand.New(rand.NewPCG(seed, 1))}
	for range 1 + g.IntN(6) {
		g.statement()
	}
	g.b.WriteString("return ")
	g.expression()
	return g.b.String()
}

func (g *grammar) pick(all ...string) string { return all[g.IntN(len(all))] }

func (g *grammar) write(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

// nested writes something one level deeper, or what is given when it is deep.
func (g *grammar) nested(otherwise string, f func()) {
	if g.depth >= maxGrammarDepth || g.b.Len() > maxGrammarBytes {
		g.b.WriteString(otherwise)
		return
	}
	g.depth++
	f()
	g.depth--
}

func (g *grammar) name() string { return fmt.Sprintf("v%d", g.IntN(max(g.names, 1))) }

func (g *grammar) block() {
	g.b.WriteString("{")
	for range g.IntN(3) {
		g.nested(";", g.statement)
	}
	g.b.WriteString("}\n")
}

func (g *grammar) statement() {
	switch g.IntN(14) {
	case 0, 1:
		g.names++
		g.write("%s v%d=", g.pick("var", "let", "var"), g.names-1)
		g.expression()
		g.b.WriteString(";\n")
	case 2:
		g.write("%s(", g.pick("while", "if", "while"))
		g.expression()
		g.b.WriteString(")")
		g.block()
	case 3:
		g.write("for(let i=0;i<%s;i%s)", g.number(), g.pick("++", "+=0", "--", "*=2"))
		g.block()
	case 4:
		g.write("for(const x %s ", g.pick("of", "in"))
		g.expression()
		g.b.WriteString(")")
		g.block()
	case 5:
		g.b.WriteString("try")
		g.block()
		g.write("catch(e)")
		g.block()
		if g.IntN(2) == 0 {
			g.b.WriteString("finally")
			g.block()
		}
	case 6:
		g.write("%sfunction%s f%d(a,b=1,...c)", g.pick("", "", "async "), g.pick("", "", "*"), g.IntN(3))
		g.block()
	case 7:
		g.write("class C%d extends %s{constructor(){%s}%s m(){", g.IntN(1000), g.pick("Object", "Array", "Promise", "Function"),
			g.pick("super()", "", "super(1e9)"), g.pick("get", "static", "*", "async", ""))
		g.nested("", g.statement)
		g.b.WriteString("}}\n")
	case 8:
		g.write("%s=", g.target())
		g.expression()
		g.b.WriteString(";\n")
	case 9:
		g.write("%s(()=>", g.pick("setTimeout", "setInterval", "queueMicrotask", "Promise.resolve().then", "setImmediate"))
		g.block()
		g.b.WriteString(");\n")
	case 10:
		g.b.WriteString("throw ")
		g.expression()
		g.b.WriteString(";\n")
	default:
		g.expression()
		g.b.WriteString(";\n")
	}
}

// target is something to overwrite.
func (g *grammar) target() string {
	return g.pick("payload", "payload.x", "globalThis.z", "Object.prototype.toJSON", "Array.prototype[Symbol.iterator]", "Object.prototype.__proto__",
		"Promise.prototype.then", "console.log", "JSON", "next", "Array.prototype.push", "Function.prototype.call", "RegExp.prototype.exec", g.name())
}

func (g *grammar) number() string {
	return g.pick("0", "1", "-1", "7", "1e3", "65536", "1e6", "3e7", "1e9", "2**31", "2**32-1", "2**53", "NaN", "Infinity", "payload.n", "10n", "(1n<<20n)")
}

func (g *grammar) expression() { g.nested(g.number(), g.deeper) }

func (g *grammar) deeper() {
	switch g.IntN(14) {
	case 0:
		g.b.WriteString(g.number())
	case 1:
		g.b.WriteString(g.pick(`"x"`, `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"`, "`${payload}`", `"\ud800"`, `"constructor"`, "null", "undefined", "true"))
	case 2:
		g.b.WriteString(g.pick(g.name(), "payload", "globalThis", "this", "arguments", "console", "c", "env", "f0", "f1", "Object", "Function", "next"))
	case 3:
		g.b.WriteString("(")
		g.expression()
		g.b.WriteString(g.pick("+", "-", "*", "**", "%", "<<", ">>>", "&&", "||", "??", ",", "==", "in", "instanceof"))
		g.expression()
		g.b.WriteString(")")
	case 4:
		g.list("[", "]")
	case 5:
		g.write("({%s:", g.pick("a", "length", "toString", "valueOf", "toJSON", "then", "get a(){return 1},b", "[Symbol.toPrimitive]", "__proto__", "...payload,q"))
		g.expression()
		g.b.WriteString("})")
	case 6:
		g.write("(%s=>", g.pick("x", "()", "async ()"))
		g.expression()
		g.b.WriteString(")")
	case 7:
		g.write("new %s", g.pick("Array", "Map", "Set", "Uint8Array", "ArrayBuffer", "Proxy", "RegExp", "Promise", "Error", "Function", "Date", "WeakMap", "URL", "Buffer"))
		g.list("(", ")")
	case 8:
		g.b.WriteString(g.pick(`/(a+)+$/`, `/(?=(a+)+$)b/`, `/(.*)\1+$/`, `/^(([a-z])+.)+[A-Z]$/`, `/x*y*z*/g`, `/\b/u`))
	case 9:
		g.write("%s", g.pick("eval", "Function", "f0", "f1", "require", "parseInt", "structuredClone", "BigInt", "Symbol", "exec", "http_get", "get_session", "console.log", "c.JSON"))
		g.list("(", ")")
	default:
		g.method()
	}
}

func (g *grammar) list(opening, closing string) {
	g.b.WriteString(opening)
	for i := range g.IntN(4) {
		if i > 0 {
			g.b.WriteString(",")
		}
		if g.IntN(8) == 0 {
			g.b.WriteString("...")
		}
		g.expression()
	}
	g.b.WriteString(closing)
}

// method calls one of the engine's own functions, often on what it is not for.
func (g *grammar) method() {
	owner := g.pick("Array.prototype", "String.prototype", "Object", "RegExp.prototype", "JSON", "Reflect", "Promise", "Function.prototype", "")
	name := g.pick("fill", "join", "indexOf", "concat", "sort", "reverse", "splice", "flat", "map", "reduce", "repeat", "padEnd", "replace", "split", "match",
		"normalize", "stringify", "parse", "assign", "defineProperty", "setPrototypeOf", "keys", "apply", "construct", "all", "race", "bind", "call", "test",
		"toString", "copyWithin", "from", "freeze", "getOwnPropertyNames", "constructor", "then", "next")
	if owner == "" {
		g.b.WriteString("(")
		g.expression()
		g.write(").%s", name)
		g.list("(", ")")
		return
	}
	g.write("%s.%s.call", owner, name)
	g.list("(", ")")
}
