package payload_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// decode reads JSON as encoding/json does, with numbers as written.
func decode(t *testing.T, b []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	return v
}

// FuzzParse compares what Parse accepts, and every part found in it, with
// encoding/json.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,{"b":"\u00e9\\\""}],"a":null}`, `[]`, ` [ [ ] , { } ] `, `"\ud800\""`, `1e400`, `-0`, `{"":{"":{}}}`, `{"\u0061":1,"a":2}`,
		`[1 ,2	,3]`, "{\n\"x\" :\r\n true}", `nul`, `{"a":}`, `[1,]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := payload.Parse(b)
		if err != nil {
			if utf8.Valid(b) && json.Valid(b) && bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) <= payload.MaxDepth {
				t.Fatalf("%q is refused: %v", b, err)
			}
			return
		}
		if !utf8.Valid(b) || !json.Valid(b) {
			t.Fatalf("%q is accepted", b)
		}
		same(t, v, decode(t, b))
	})
}

// same walks a value beside its decoded form.
func same(t *testing.T, v payload.Value, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		seen := map[string]bool{}
		for k := range v.Fields() {
			seen[k] = true
		}
		if v.Kind() != payload.Object || len(seen) != len(want) {
			t.Fatalf("%s: fields %v, want %v", v.Bytes(), seen, want)
		}
		for k, member := range want {
			got, ok := v.Field(k)
			if !ok {
				t.Fatalf("%s: no field %q", v.Bytes(), k)
			}
			same(t, got, member)
		}
	case []any:
		n := 0
		for i, item := range v.Items() {
			if i != n || i >= len(want) {
				t.Fatalf("%s: item %d of %d", v.Bytes(), i, len(want))
			}
			same(t, item, want[i])
			n++
		}
		if v.Kind() != payload.Array || n != len(want) {
			t.Fatalf("%s: %d items, want %d", v.Bytes(), n, len(want))
		}
	default:
		if got := decode(t, v.Bytes()); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if s, ok := want.(string); ok && v.String() != s {
			t.Fatalf("got %q, want %q", v.String(), s)
		}
	}
}

// FuzzMerge compares Merge, With and Without with maps.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":2}`), []byte(`{"a":[]}`), "b")
	f.Add([]byte(`{}`), []byte(`{ }`), "")
	f.Add([]byte(`[1]`), []byte(`{"x":1,"x":2}`), "x")
	f.Add([]byte(`{"\ud800":1}`), []byte(`{"\u006b":1}`), "k")
	f.Fuzz(func(t *testing.T, a, b []byte, key string) {
		left, err1 := payload.Parse(a)
		right, err2 := payload.Parse(b)
		if err1 != nil || err2 != nil || !utf8.ValidString(key) {
			return
		}
		before := string(a) + "|" + string(b)
		want := map[string]any{}
		for _, one := range [][]byte{a, b} {
			if m, ok := decode(t, one).(map[string]any); ok {
				for k, v := range m {
					want[k] = v
				}
			}
		}
		same(t, payload.Merge(left, right), want)

		if m, ok := decode(t, a).(map[string]any); ok {
			delete(m, key)
			same(t, left.Without(key), m)
			m[key] = decode(t, b)
			same(t, left.With(key, right), m)
		} else {
			same(t, left.Without(key), decode(t, a))
			same(t, left.With(key, right), map[string]any{key: decode(t, b)})
		}
		if before != string(a)+"|"+string(b) {
			t.Fatal("the values were changed")
		}
	})
}

// FuzzExpression proves that ParseExpression never panics, that a literal
// renders as itself, and that whatever renders is valid JSON.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{
		"a {{payload.a[0].b ?? \"x\"}} b", "{{", "}}", "{{}}", "{{payload ?? {}}}", "{{vars.x??[[1]]}}", "{{payload[0][1]}}", "{{payload.a]}}", "{{payload.a??{\"b\":\"}}\"}}}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := payload.ParseExpression(s)
		if err != nil {
			return
		}
		sc := payload.Scope{Payload: payload.Trusted([]byte(`{"a":[{"b":1}]}`)), Vars: payload.Trusted([]byte(`{"x":"y"}`))}
		text, err := e.Text(sc)
		if e.IsLiteral() && (err != nil || text != s) {
			t.Fatalf("the literal %q became %q, %v", s, text, err)
		}
		if v, err := e.Value(sc); err == nil && !json.Valid(v.Bytes()) {
			t.Fatalf("%q rendered as %q", s, v.Bytes())
		}
		if p, err := payload.ParsePattern(payload.Text(s)); utf8.ValidString(s) && (err != nil || p.IsLiteral() != e.IsLiteral()) {
			t.Fatalf("a pattern sees %q differently: %v", s, err)
		}
	})
}
