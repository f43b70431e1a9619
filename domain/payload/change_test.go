package payload_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func TestMerge(t *testing.T) {
	tests := []struct {
		name string
		in   []string
		want string
	}{
		{"none", nil, `{}`},
		{"one", []string{`{"a":1}`}, `{"a":1}`},
		{"later wins, at the earlier place", []string{`{"a":1,"b":2}`, `{"c":3,"a":4}`}, `{"a":4,"b":2,"c":3}`},
		{"not deep", []string{`{"a":{"x":1}}`, `{"a":{"y":2}}`}, `{"a":{"y":2}}`},
		{"others are passed over", []string{`[1]`, `"x"`, `null`, `{"a":1}`, `5`}, `{"a":1}`},
		{"nothing but others", []string{`[1]`, `true`}, `{}`},
		{"empty objects, also with blanks", []string{`{}`, `{ }`, `{"a":1}`, `{	}`}, `{"a":1}`},
		{"null wins over a value", []string{`{"a":1}`, `{"a":null}`}, `{"a":null}`},
		{"duplicates inside one", []string{`{"a":1,"a":2}`, `{"b":1}`}, `{"a":2,"b":1}`},
		{"keys that need escaping", []string{`{"\"\\":1}`, `{"\n":2}`}, `{"\"\\":1,"\n":2}`},
		{"proto is a key like others", []string{`{"__proto__":{"x":1}}`, `{"a":1}`}, `{"__proto__":{"x":1},"a":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var values []payload.Value
			for _, s := range tt.in {
				values = append(values, must(t, s))
			}
			if got := string(payload.Merge(values...).Bytes()); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			for i, s := range tt.in {
				if string(values[i].Bytes()) != s {
					t.Errorf("value %d was changed to %s", i, values[i].Bytes())
				}
			}
		})
	}
}

func TestWith(t *testing.T) {
	tests := []struct{ name, in, key, member, want string }{
		{"new", `{"a":1}`, "b", "2", `{"a":1,"b":2}`},
		{"replaced", `{"a":1}`, "a", "2", `{"a":2}`},
		{"of an empty object", `{}`, "a", "[]", `{"a":[]}`},
		{"of a list", `[1]`, "a", "1", `{"a":1}`},
		{"of null", `null`, "a", "1", `{"a":1}`},
		{"empty key", `{}`, "", "1", `{"":1}`},
		{"key with HTML", `{}`, "<&>", "1", `{"<&>":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(must(t, tt.in).With(tt.key, must(t, tt.member)).Bytes()); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got := string(payload.Member("a", payload.Value{}).Bytes()); got != `{"a":null}` {
		t.Errorf("a zero member became %s", got)
	}
}

func TestWithoutTheEmptyKey(t *testing.T) {
	if got := string(must(t, `{"":1,"a":2}`).Without("").Bytes()); got != `{"a":2}` {
		t.Errorf("got %s", got)
	}
}

func TestWithout(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"first", `{"k":1,"a":2}`, `{"a":2}`},
		{"last", `{"a":2,"k":1}`, `{"a":2}`},
		{"only", `{"k":1}`, `{}`},
		{"every duplicate", `{"k":1,"a":2,"k":3}`, `{"a":2}`},
		{"spelled with escapes", `{"\u006b":1,"a":2}`, `{"a":2}`},
		{"not there", `{ "a" : 2 }`, `{ "a" : 2 }`},
		{"inner ones stay", `{"a":{"k":1}}`, `{"a":{"k":1}}`},
		{"list", `["k"]`, `["k"]`},
		{"null", `null`, `null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(must(t, tt.in).Without("k").Bytes()); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
