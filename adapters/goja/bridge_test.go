package goja

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

const testLimit = 64 << 20

// bridge is a runtime with both directions at hand.
type bridge struct {
	vm    *js.Runtime
	proto *js.Object
}

func newBridge() bridge {
	vm := js.New()
	return bridge{vm, vm.NewObject().Prototype()}
}

func (b bridge) decode(text string) (js.Value, error) {
	return decode(b.vm, b.proto, payload.Trusted([]byte(text)))
}

func (b bridge) encode(v js.Value, limit int) (out payload.Value, err error) {
	if ex := b.vm.Try(func() { out, err = encode(b.vm, v, limit) }); ex != nil {
		return out, ex
	}
	return out, err
}

func (b bridge) call(t testing.TB, code string, args ...js.Value) (js.Value, error) {
	t.Helper()
	v, err := b.vm.RunString(code)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := js.AssertFunction(v)
	return f(js.Undefined(), args...)
}

func TestEncodeLikeStringify(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"number", `42`, `42`},
		{"negative", `-1.5`, `-1.5`},
		{"minus zero", `-0`, `0`},
		{"tiny", `1e-7`, `1e-7`},
		{"huge", `1e21`, `1e+21`},
		{"just below huge", `123456789012345680000`, `123456789012345680000`},
		{"not a number", `NaN`, `null`},
		{"infinite", `1e400`, `null`},
		{"undefined", `undefined`, ``},
		{"null", `null`, `null`},
		{"function", `(function(){})`, ``},
		{"arrow", `(()=>1)`, ``},
		{"async function", `(async function(){})`, ``},
		{"generator function", `(function*(){})`, ``},
		{"class", `(class A{})`, ``},
		{"symbol", `Symbol("a")`, ``},
		{"members dropped", `({a:undefined,b(){},c:Symbol(),d:1})`, `{"d":1}`},
		{"first member dropped", `({a:undefined,b:1,c:undefined,d:2})`, `{"b":1,"d":2}`},
		{"array holes", `[,undefined,function(){},Symbol(),1]`, `[null,null,null,null,1]`},
		{"sparse array", `(a=>{a[3]=1;return a})([])`, `[null,null,null,1]`},
		{"date", `new Date(0)`, `"1970-01-01T00:00:00.000Z"`},
		{"invalid date", `new Date(NaN)`, `null`},
		{"toJSON gets the key", `({a:{toJSON(k){return "<"+k+">"}},b:[{toJSON(k){return k}}]})`, `{"a":"<a>","b":["0"]}`},
		{"toJSON not callable", `({toJSON:1})`, `{"toJSON":1}`},
		{"toJSON undefined", `({a:{toJSON(){}}})`, `{}`},
		{"toJSON on a function", `(f=>{f.toJSON=()=>1;return f})(()=>0)`, `1`},
		{"boxed", `[new Number(1),new String("s"),new Boolean(false),new Boolean(true)]`, `[1,"s",false,true]`},
		{"boxed with valueOf", `(n=>{n.valueOf=()=>7;return n})(new Number(1))`, `7`},
		{"map and set", `[new Map([[1,2]]),new Set([1])]`, `[{},{}]`},
		{"error", `new Error("x")`, `{}`},
		{"regexp", `/a/`, `{}`},
		{"typed array", `new Uint8Array([1,2])`, `{"0":1,"1":2}`},
		{"proxy object", `new Proxy({a:1},{get:(o,k)=>k==="a"?5:o[k]})`, `{"a":5}`},
		{"proxy array", `new Proxy([1,2],{})`, `[1,2]`},
		{"proxy of proxy array", `new Proxy(new Proxy([1],{}),{})`, `[1]`},
		{"proxy function", `new Proxy(function(){},{})`, ``},
		{"getter", `({get a(){return 3}})`, `{"a":3}`},
		{"inherited and hidden", `Object.create({a:1},{b:{value:2},c:{value:3,enumerable:true}})`, `{"c":3}`},
		{"own __proto__", `(o=>{Object.defineProperty(o,"__proto__",{value:1,enumerable:true});return o})({})`, `{"__proto__":1}`},
		{"integer keys first", `({b:1,2:1,1:1})`, `{"1":1,"2":1,"b":1}`},
		{"escapes", `"\"\\\b\f\n\r\t\u0001\u007f\u2028/"`, "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u007f\u2028/\""},
		{"unicode", `"añ😀"`, `"añ😀"`},
		{"lone surrogate", `"a\ud800b\udc00\ud83d\ude00"`, `"a\ud800b\udc00😀"`},
		{"replacement character", `"\ufffd"`, "\"\ufffd\""},
		{"lone surrogate key", `({"\ud800":1})`, `{"\ud800":1}`},
		{"raw JSON", `({a:JSON.rawJSON("1.0")})`, `{"a":1.0}`},
		{"bigint with toJSON", `(BigInt.prototype.toJSON=function(){return "big"},[1n])`, `["big"]`},
		{"shared, not cyclic", `(o=>[o,o])({})`, `[{},{}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBridge()
			v, err := b.vm.RunString("(" + tt.code + ")")
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.encode(v, testLimit)
			if err != nil {
				t.Fatal(err)
			}
			text := string(got.Bytes())
			if got.IsZero() {
				text = ""
			}
			if text != tt.want {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}

func TestEncodeThrows(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"cycle", `(a=>{a.a=a;return a})({})`, "circular"},
		{"cycle through array", `(a=>{a.push([a]);return a})([])`, "circular"},
		{"bigint", `[1n]`, "BigInt"},
		{"boxed bigint", `[Object(1n)]`, "BigInt"},
		{"getter", `({get a(){throw new Error("mine")}})`, "mine"},
		{"toJSON", `({toJSON(){throw new Error("mine")}})`, "mine"},
		{"proxy trap", `new Proxy({},{ownKeys(){throw new Error("mine")}})`, "mine"},
		{"revoked proxy", `(p=>{p.revoke();return p.proxy})(Proxy.revocable({},{}))`, "revoked"},
		{"deep", `(()=>{let a=[];for(let i=0;i<600;i++)a=[a];return a})()`, "deeper than 512"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBridge()
			v, err := b.vm.RunString("(" + tt.code + ")")
			if err != nil {
				t.Fatal(err)
			}
			if _, err = b.encode(v, testLimit); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestEncodeLimit(t *testing.T) {
	b := newBridge()
	for _, code := range []string{`"x".repeat(200)`, `Array(200)`, `({a:"x".repeat(95)})`, `new Array(4294967295)`} {
		v, err := b.vm.RunString("(" + code + ")")
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.encode(v, 100)
		f := fault.As(err)
		if f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_payload_bytes" {
			t.Errorf("%s: got %v", code, err)
		}
	}
	v := b.vm.ToValue(strings.Repeat("x", 98))
	if _, err := b.encode(v, 100); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
}

func TestDecodeLikeParse(t *testing.T) {
	tests := []struct{ name, text, check string }{
		{"duplicate keys", `{"a":1,"b":2,"a":3}`, `v=>v.a===3&&Object.keys(v).join()==="a,b"`},
		{"__proto__", `{"__proto__":{"x":1}}`, `v=>Object.getPrototypeOf(v)===Object.prototype&&Object.keys(v)[0]==="__proto__"&&v.x===undefined`},
		{"setter on the prototype", `{"evil":1}`, `v=>v.evil===1`},
		{"minus zero", `-0`, `v=>Object.is(v,-0)`},
		{"too large", `[1e400,-1e400]`, `v=>v[0]===Infinity&&v[1]===-Infinity`},
		{"too small", `1e-400`, `v=>Object.is(v,0)`},
		{"large integer", `9007199254740993`, `v=>v===9007199254740992`},
		{"lone surrogate", `"\ud800x\udc00"`, `v=>v.length===3&&v.charCodeAt(0)===0xd800&&v.charCodeAt(2)===0xdc00`},
		{"lone surrogate, then a pair", `"\ud800\ud83d\ude00ñ"`, `v=>v==="\ud800😀ñ"`},
		{"pair", `"\ud83d\ude00"`, `v=>v==="😀"`},
		{"lone surrogate key", `{"\udc00":1}`, `v=>v["\udc00"]===1`},
		{"raw text", `"añ😀"`, `v=>v==="añ😀"`},
		{"escapes", `"\"\\\/\b\f\n\r\t\u00e1"`, `v=>v==="\"\\/\b\f\n\r\tá"`},
		{"long text", `"` + strings.Repeat("ab", 40) + `"`, `v=>v==="ab".repeat(40)`},
		{"ordinary objects", `{"a":[1]}`, `v=>v instanceof Object&&Array.isArray(v.a)&&v.a instanceof Array&&v.hasOwnProperty("a")`},
		{"integer keys", `{"b":1,"1":2}`, `v=>Object.keys(v).join()==="1,b"&&v[1]===2`},
		{"empty ones", ` [ { } , [ ] , "" ] `, `v=>v.length===3&&v[1].length===0&&v[2]===""`},
		{"words", `[true,false,null]`, `v=>v[0]===true&&v[1]===false&&v[2]===null`},
		{"numbers", `[0,-1,1.5,2E3,1e+2,123456789012345]`, `v=>v.join()==="0,-1,1.5,2000,100,123456789012345"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBridge()
			if _, err := b.vm.RunString(`Object.defineProperty(Object.prototype,"evil",{set(){throw "called"},configurable:true})`); err != nil {
				t.Fatal(err)
			}
			v, err := b.decode(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			ok, err := b.call(t, tt.check, v)
			if err != nil || !ok.ToBoolean() {
				t.Errorf("%s: %v %v", tt.text, ok, err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{
		` `, `{`, `[`, `"`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `[1,]`, `[1 2]`, `01`, `-`, `+1`, `1.`, `.5`,
		`1e`, `1e+`, `tru`, `nul`, `"\x"`, `"\u12"`, `"\ud800\u1"`, "\"\n\"", "\"\\n\n\"", `1 2`, `}`, `"\`, `NaN`, `{"a":1]`,
	} {
		if v, err := newBridge().decode(text); err == nil {
			t.Errorf("%q: got %v", text, v)
		} else if fault.CodeOf(err) != fault.Malformed {
			t.Errorf("%q: code %s", text, fault.CodeOf(err))
		}
	}
	deep := strings.Repeat("[", 513) + strings.Repeat("]", 513)
	if _, err := newBridge().decode(deep); err == nil {
		t.Error("513 levels pass")
	}
	if _, err := newBridge().decode(deep[1 : len(deep)-1]); err != nil {
		t.Errorf("512 levels: %v", err)
	}
}

// sameAsEngine compares our bridge with the engine's JSON on one text. Known
// faults of the engine's JSON.parse (lone surrogates become U+FFFD, numbers out
// of range are refused) are left to the tables above.
func sameAsEngine(t *testing.T, text string) {
	b := newBridge()
	ours, err := b.decode(text)
	if text == "" { // an unset payload reads as null
		return
	}
	if !json.Valid([]byte(text)) {
		if err == nil && !strings.Contains(text, "\\") {
			t.Fatalf("%q: accepted", text)
		}
		return
	}
	if err != nil {
		if strings.Contains(err.Error(), "deeper") {
			return
		}
		t.Fatalf("%q: %v", text, err)
	}
	theirs, err := b.call(t, "t=>JSON.parse(t)", b.vm.ToValue(text))
	if err != nil {
		return
	}
	want, err := b.call(t, "v=>JSON.stringify(v)", ours)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.encode(ours, testLimit)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if string(got.Bytes()) != want.String() {
		t.Fatalf("%q: encode gave %s, stringify %s", text, got.Bytes(), want)
	}
	if strings.Contains(strings.ToLower(text), `\ud`) {
		return
	}
	parsed, err := b.encode(theirs, testLimit)
	if err != nil || string(parsed.Bytes()) != string(got.Bytes()) {
		t.Fatalf("%q: decode gave %s, parse %s (%v)", text, got.Bytes(), parsed.Bytes(), err)
	}
	again, err := b.decode(string(got.Bytes()))
	if err != nil {
		t.Fatalf("%q: %s does not decode: %v", text, got.Bytes(), err)
	}
	if second, err := b.encode(again, testLimit); err != nil || string(second.Bytes()) != string(got.Bytes()) {
		t.Fatalf("%q: not stable: %s, then %s", text, got.Bytes(), second.Bytes())
	}
}

func FuzzBridge(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5,-0,1e400,"x",null,true],"__proto__":{"b":"\u00e1\n"},"a":{"1":2,"0":1}}`,
		`"\ud800\udc00\ud800"`, `[[[[]]]]`, `{"":""}`, `1e-7`, `123456789.125e3`, `[1,`, "\"\xff\"", `{"a":1,"a":2}`, `"\u2028"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { sameAsEngine(t, text) })
}

func sample(items int) string {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"name":"item number %d","price":%d.5,"ok":true,"tags":["a","b"]}`, i, i, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

func BenchmarkBridge(b *testing.B) {
	for _, size := range []struct {
		name  string
		items int
	}{{"100B", 1}, {"10KB", 130}, {"1MB", 12_500}} {
		text := sample(size.items)
		b.Run("ours/"+size.name, func(b *testing.B) {
			br := newBridge()
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				v, err := br.decode(text)
				if err != nil {
					b.Fatal(err)
				}
				if _, err = br.encode(v, testLimit); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("engine/"+size.name, func(b *testing.B) {
			br := newBridge()
			v, err := br.vm.RunString(`(t=>JSON.stringify(JSON.parse(t)))`)
			if err != nil {
				b.Fatal(err)
			}
			f, _ := js.AssertFunction(v)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := f(js.Undefined(), br.vm.ToValue(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
