package jsonschema_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/jsonschema"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func parse(t testing.TB, s string) payload.Value {
	t.Helper()
	v, err := payload.Parse([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func compiled(t testing.TB, schema string) ports.Schema {
	t.Helper()
	s, err := jsonschema.New().Compile(parse(t, schema))
	if err != nil {
		t.Fatalf("compile %s: %v", schema, err)
	}
	return s
}

func TestCheckNamesFieldAndRemedy(t *testing.T) {
	const order = `{"type":"object","additionalProperties":false,"required":["greeting"],"properties":{
		"greeting":{"type":"string","minLength":2,"maxLength":5},
		"level":{"enum":["low","high"]},
		"size":{"type":"integer","minimum":1,"maximum":10},
		"code":{"type":"string","pattern":"^[a-z]+$"},
		"either":{"anyOf":[{"type":"string"},{"type":"number"}]},
		"shape":{"oneOf":[{"required":["r"]},{"required":["w","h"]}]},
		"items":{"type":"array","maxItems":3,"uniqueItems":true,"items":{"$ref":"#/$defs/item"}}},
		"$defs":{"item":{"type":"object","properties":{"qty":{"type":"number","exclusiveMinimum":0}},"required":["qty"]}}}`
	tests := []struct{ name, schema, value, want string }{
		{"fits", order, `{"greeting":"hello","items":[{"qty":1}]}`, ``},
		{"missing", order, `{}`, `greeting: is missing`},
		{"wrong type", order, `{"greeting":5}`, `greeting: must be a string, but is a number`},
		{"not an object", order, `[]`, `must be an object, but is an array`},
		{"unknown member", order, `{"greeting":"hello","gretting":1}`, `gretting: is not known here; known are code, either, greeting, items, level, shape, size`},
		{"enum", order, `{"greeting":"hello","level":"mid"}`, `level: must be one of "low", "high", but is "mid"`},
		{"too short", order, `{"greeting":"h"}`, `greeting: must have at least 2 characters, but has 1`},
		{"too long", order, `{"greeting":"hello you"}`, `greeting: must have at most 5 characters, but has 9`},
		{"too small", order, `{"greeting":"hello","size":0}`, `size: must be at least 1, but is 0`},
		{"too big", order, `{"greeting":"hello","size":11}`, `size: must be at most 10, but is 11`},
		{"no integer", order, `{"greeting":"hello","size":1.5}`, `size: must be an integer, but is a number`},
		{"pattern", order, `{"greeting":"hello","code":"A1"}`, `code: is "A1", which does not match the pattern ^[a-z]+$`},
		{"one of several types", order, `{"greeting":"hello","either":true}`, `either: must be a string or a number, but is true or false`},
		{"one of several forms", order, `{"greeting":"hello","shape":{"w":1}}`, `shape: fits none of the allowed forms (shape.r: is missing; or shape.h: is missing)`},
		{"several forms at once", order, `{"greeting":"hello","shape":{"w":1,"h":1,"r":1}}`, `shape: fits several of the forms that exclude each other`},
		{"inside a list", order, `{"greeting":"hello","items":[{"qty":1},{"qty":2},{"qty":"3"}]}`, `items[2].qty: must be a number, but is a string`},
		{"more than", order, `{"greeting":"hello","items":[{"qty":0}]}`, `items[0].qty: must be more than 0, but is 0`},
		{"missing in a list", order, `{"greeting":"hello","items":[{}]}`, `items[0].qty: is missing`},
		{"twice", order, `{"greeting":"hello","items":[{"qty":1},{"qty":1.0}]}`, `items: must have no item twice, but [0] and [1] are equal`},
		{"too many", order, `{"greeting":"hello","items":[{"qty":1},{"qty":2},{"qty":3},{"qty":4}]}`, `items: must have at most 3 items, but has 4`},
		{"everything at once", order, `{"level":1,"size":"x"}`, "greeting: is missing\nlevel: must be one of \"low\", \"high\", but is 1\nsize: must be an integer, but is a string"},
		{"odd keys", `{"additionalProperties":{"type":"string"}}`, `{"a.b":1}`, `["a.b"]: must be a string, but is a number`},
		{"numeric keys are no indexes", `{"additionalProperties":{"type":"string"}}`, `{"2":1}`, `["2"]: must be a string, but is a number`},
		{"nothing allowed", `false`, `1`, `must not be there`},
		{"everything allowed", `true`, `1`, ``},
		{"not", `{"not":{"type":"string"}}`, `"x"`, `has a form that is not allowed`},
		{"const", `{"const":{"a":1}}`, `2`, `must be {"a":1}, but is 2`},
		{"multiple", `{"multipleOf":0.5}`, `0.7`, `must be a multiple of 0.5, but is 0.7`},
		{"names", `{"propertyNames":{"maxLength":2}}`, `{"abc":1}`, `abc: is no allowed name: it must have at most 2 characters, but has 3`},
		{"contains", `{"contains":{"type":"string"}}`, `[1]`, `has no item of the kind it must have`},
		{"prefix", `{"prefixItems":[{"type":"string"}],"items":false}`, `["a",1]`, `[1]: must not be there`},
		{"dependent", `{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, `must have b too, as it has a`},
		{"if then", `{"if":{"required":["a"]},"then":{"required":["b"]}}`, `{"a":1}`, `b: is missing`},
		{"members", `{"minProperties":1}`, `{}`, `must have at least 1 members, but has 0`},
		{"draft-07", `{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":false}`, `["a",2]`, `has 1 items too many`},
		{"large integers stay exact", `{"maximum":9007199254740992}`, `9007199254740993`, `must be at most 9007199254740992, but is 9007199254740993`},
		{"a number without end", `{"minimum":1}`, `1e999999999`, `is the number 1e999999999, which is too large or too small`},
		{"a number without end below", `{"type":"object"}`, `{"a":[1e-99999]}`, `a[0]: is the number 1e-99999, which is too large or too small`},
		{"a schema without end", `{"$ref":"#"}`, `1`, `cannot be checked, because its JSON Schema refers to itself without end`},
		{"a meta-schema", `{"$ref":"https://json-schema.org/draft/2020-12/schema"}`, `{"minLength":"x"}`, `minLength: must be an integer, but is a string`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := compiled(t, tt.schema).Check(parse(t, tt.value))
			if got := list.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for _, f := range list {
				if f.Code != fault.Invalid {
					t.Errorf("code %s of %v", f.Code, f)
				}
			}
		})
	}
}

func TestNoSchemaAllowsAnything(t *testing.T) {
	for name, schema := range map[string]payload.Value{"zero": {}, "null": parse(t, "null")} {
		s, err := jsonschema.New().Compile(schema)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, v := range []payload.Value{{}, parse(t, `{"a":[1e999999]}`)} {
			if list := s.Check(v); list != nil {
				t.Errorf("%s refuses %s: %v", name, v.Bytes(), list)
			}
		}
	}
}

func TestAbsentValueIsNull(t *testing.T) {
	if list := compiled(t, `{"type":"object"}`).Check(payload.Value{}); list.Error() != "must be an object, but is null" {
		t.Errorf("got %v", list)
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct{ name, schema, want string }{
		{"a list", `[]`, `a JSON Schema is an object, true or false`},
		{"a text", `"string"`, `a JSON Schema is an object`},
		{"wrong keyword", `{"properties":{"a":{"minLength":"2"}}}`, `properties.a.minLength: the JSON Schema is wrong: must be an integer`},
		{"unknown type", `{"type":"strin"}`, `the JSON Schema is wrong`},
		{"bad pattern", `{"pattern":"(["}`, `the JSON Schema is wrong`},
		{"look-ahead", `{"pattern":"(?=a)b"}`, `the JSON Schema is wrong`},
		{"long pattern", `{"pattern":"` + strings.Repeat("a", 1001) + `"}`, `the JSON Schema is wrong`},
		{"a file", `{"$ref":"file:///etc/passwd"}`, `refers to "file:///etc/passwd": it refers to another document`},
		{"a neighbour", `{"$ref":"other.json"}`, `refers to "other.json"`},
		{"the network", `{"$ref":"https://example.com/schema.json"}`, `put what it needs into $defs`},
		{"its own meta-schema", `{"$schema":"https://example.com/meta"}`, `refers to "https://example.com/meta"`},
		{"a file by its id", `{"$id":"file:///etc/","$ref":"passwd"}`, `refers to "file:///etc/passwd"`},
		{"nowhere", `{"$ref":"#/$defs/none"}`, `the JSON Schema is wrong`},
		{"dynamic", `{"$dynamicAnchor":"a","properties":{"x":{"$dynamicRef":"#a"}}}`, `use $ref`},
		{"too deep", strings.Repeat(`{"not":`, 70) + `{}` + strings.Repeat(`}`, 70), `nests deeper than 64 levels`},
		{"too many parts", `{"enum":[1` + strings.Repeat(`,1`, 5000) + `]}`, `more than 4000 parts`},
		{"too many bytes", `{"description":"` + strings.Repeat("x", 200_000) + `"}`, `the most is 131072`},
		{"a number without end", `{"minimum":1e999999999}`, `too large or too small`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := jsonschema.New().Compile(parse(t, tt.schema))
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "schema://") {
				t.Errorf("our name for the document shows: %v", err)
			}
		})
	}
}

// TestStepsAreBounded holds schemas whose checks would take longer than anybody
// lives.
func TestStepsAreBounded(t *testing.T) {
	doubling := func(keyword string) string {
		var b strings.Builder
		b.WriteString(`{"$ref":"#/$defs/l0","$defs":{`)
		for i := range 60 {
			fmt.Fprintf(&b, `"l%d":{"%s":[{"$ref":"#/$defs/l%d"},{"$ref":"#/$defs/l%d"}]},`, i, keyword, i+1, i+1)
		}
		b.WriteString(`"l60":{"minLength":3}}}`)
		return b.String()
	}
	deep := strings.Repeat(`{"a":`, 400) + `1` + strings.Repeat(`}`, 400)
	tests := []struct{ name, schema, value string }{
		{"allOf", doubling("allOf"), `"xyz"`},
		{"anyOf that fails", doubling("anyOf"), `"x"`},
		{"anyOf that fails below not", strings.Replace(doubling("anyOf"), `"$ref":"#/$defs/l0"`, `"not":{"$ref":"#/$defs/l0"}`, 1), `"x"`},
		{"recursion through members", `{"properties":{"a":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}}}`, deep},
		{"patterns that read a long text", `{"allOf":[` + strings.Repeat(`{"pattern":"^(a|b)*$"},`, 40) + `true]}`, `"` + strings.Repeat("ab", 100_000) + `"`},
		{"recursion that names the same member twice", `{"properties":{"a":{"$ref":"#"}},"patternProperties":{"a":{"$ref":"#"}}}`, deep},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, v := compiled(t, tt.schema), parse(t, tt.value)
			done := make(chan fault.List, 1)
			go func() { done <- s.Check(v) }()
			select {
			case list := <-done:
				if !strings.Contains(list.Error(), "too many steps") {
					t.Errorf("got %v", list)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("still checking")
			}
		})
	}
}

func TestBigHonestValuesPass(t *testing.T) {
	s := compiled(t, `{"type":"array","items":{"anyOf":[{"type":"integer"},{"type":"string"},{"type":"null"}]}}`)
	if list := s.Check(parse(t, `[1`+strings.Repeat(`,"a"`, 300_000)+`]`)); list != nil {
		t.Errorf("got %v", list)
	}
	tree := compiled(t, `{"properties":{"left":{"$ref":"#"},"right":{"$ref":"#"},"v":{"type":"number"}}}`)
	value := `{"v":1}`
	for range 12 {
		value = `{"left":` + value + `,"right":` + value + `}`
	}
	if list := tree.Check(parse(t, value)); list != nil {
		t.Errorf("got %v", list)
	}
}

func TestFaultsAreFew(t *testing.T) {
	list := compiled(t, `{"items":{"type":"string"}}`).Check(parse(t, `[1`+strings.Repeat(`,1`, 1000)+`]`))
	if len(list) != 20 {
		t.Errorf("%d faults", len(list))
	}
}

func TestConcurrentChecks(t *testing.T) {
	s := compiled(t, `{"properties":{"n":{"type":"integer","minimum":0}}}`)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 50 {
				value := fmt.Sprintf(`{"n":%d}`, i-8)
				if bad := s.Check(parse(t, value)) != nil; bad != (i < 8) {
					t.Errorf("%s: bad=%v", value, bad)
				}
			}
		})
	}
	wg.Wait()
}
