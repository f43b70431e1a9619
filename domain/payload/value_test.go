package payload_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func must(t testing.TB, text string) payload.Value {
	t.Helper()
	v, err := payload.Parse([]byte(text))
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return v
}

func TestParse(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	tests := []struct {
		name, in  string
		kind      payload.Kind
		wrong     string // part of the message; empty = accepted
		line, col int
	}{
		{"object", ` {"a":1} `, payload.Object, "", 0, 0},
		{"array", "[]", payload.Array, "", 0, 0},
		{"string", `"x"`, payload.String, "", 0, 0},
		{"number", "-1.5e3", payload.Number, "", 0, 0},
		{"huge number stays as written", "1e400", payload.Number, "", 0, 0},
		{"true", "true", payload.Bool, "", 0, 0},
		{"false", "\n\tfalse\r\n", payload.Bool, "", 0, 0},
		{"null", "null", payload.Null, "", 0, 0},
		{"depth at the limit", nested(payload.MaxDepth), payload.Array, "", 0, 0},
		{"brackets in a string are no depth", `"` + strings.Repeat("[", 600) + `\"["`, payload.String, "", 0, 0},
		{"depth over the limit", nested(payload.MaxDepth + 1), 0, "nests deeper than 512", 0, 0},
		{"depth far over the limit", nested(100_000), 0, "not valid JSON", 1, 10001},
		{"empty", "", 0, "not valid JSON", 1, 1},
		{"blank", "  \n ", 0, "not valid JSON", 2, 1},
		{"two values", "{} {}", 0, "not valid JSON", 1, 4},
		{"trailing comma on line 2", "{\"a\":1,\n}", 0, "not valid JSON", 2, 1},
		{"byte order mark", "\ufeff{}", 0, "not valid JSON", 1, 1},
		{"comment", "{} // x", 0, "not valid JSON", 1, 4},
		{"NaN", "NaN", 0, "not valid JSON", 1, 1},
		{"bad UTF-8 in a string", "\"a\xff\"", 0, "UTF-8", 0, 0},
		{"bare control character", "\"a\x01\"", 0, "not valid JSON", 1, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := payload.Parse([]byte(tt.in))
			if tt.wrong == "" {
				if err != nil || v.Kind() != tt.kind {
					t.Fatalf("got kind %d, %v", v.Kind(), err)
				}
				return
			}
			f := fault.As(err)
			if f == nil || f.Code != fault.Malformed || !strings.Contains(f.Message, tt.wrong) {
				t.Fatalf("got %v", err)
			}
			if tt.line != 0 && (f.Line != tt.line || f.Column != tt.col) {
				t.Errorf("placed at %d:%d, want %d:%d", f.Line, f.Column, tt.line, tt.col)
			}
		})
	}
}

func TestZeroReadsAsNull(t *testing.T) {
	var v payload.Value
	if !v.IsZero() || v.Kind() != payload.Null || string(v.Bytes()) != "null" || v.String() != "" || v.IsTrue() {
		t.Errorf("got %q", v.Bytes())
	}
	for range v.Fields() {
		t.Error("null has no fields")
	}
	if must(t, "null").IsZero() {
		t.Error("an explicit null was set")
	}
}

func TestStringAndTruth(t *testing.T) {
	tests := []struct {
		name, in, text string
		truth          bool
	}{
		{"string", `"a\"\u00e9\n"`, "a\"é\n", false},
		{"lone surrogate", `"\ud800"`, "\uFFFD", false},
		{"null", `null`, "", false},
		{"number", `1.50`, "1.50", false},
		{"object", `{"a": 1}`, `{"a": 1}`, false},
		{"true", `true`, "true", true},
		{"text true", `"true"`, "true", true},
		{"text TRUE", `"TRUE"`, "TRUE", false},
		{"one", `1`, "1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := must(t, tt.in)
			if v.String() != tt.text || v.IsTrue() != tt.truth {
				t.Errorf("got %q, %v", v.String(), v.IsTrue())
			}
		})
	}
}

func TestFrom(t *testing.T) {
	v, err := payload.From(map[string]any{"html": "<a&b>", "v": must(t, `{"n":1e400}`), "none": payload.Value{}, "list": []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"html":"<a&b>","list":["x"],"none":null,"v":{"n":1e400}}`
	if string(v.Bytes()) != want {
		t.Errorf("got %s, want %s", v.Bytes(), want)
	}
	if _, err := payload.From(func() {}); fault.CodeOf(err) != fault.Internal {
		t.Errorf("a function encodes? %v", err)
	}
	if got := payload.Text("a\xffb").String(); got != "a\uFFFDb" {
		t.Errorf("broken UTF-8 became %q", got)
	}
}

func TestDecode(t *testing.T) {
	var into struct {
		Name  string        `json:"name"`
		Other payload.Value `json:"other"`
	}
	given := []byte(`{"name":"x","other": {"a" : 1} }`)
	v, err := payload.Parse(given)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Decode(&into); err != nil || into.Name != "x" {
		t.Fatalf("got %+v, %v", into, err)
	}
	copy(given, strings.Repeat("!", len(given)))
	if got, _ := into.Other.Field("a"); got.String() != "1" {
		t.Error("a decoded value shares the bytes it came from")
	}
	err = must(t, `{"name":[]}`).Decode(&into)
	if fault.CodeOf(err) != fault.Malformed || strings.Contains(err.Error(), "Go") {
		t.Errorf("got %v", err)
	}
	out, err := json.Marshal(into)
	if err != nil || string(out) == "" {
		t.Errorf("got %s, %v", out, err)
	}
}
