package jsonschema_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/jsonschema"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// FuzzCheck: no schema and no value brings the checker down, and a schema that
// compiles says the same twice.
func FuzzCheck(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"type":"string"}}}`, `{"a":1}`)
	f.Add(`{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"},true]}}}`, `[1,2]`)
	f.Add(`{"minimum":1e400,"multipleOf":1e-3}`, `1e300`)
	f.Add(`{"patternProperties":{"^a":{"uniqueItems":true}},"unevaluatedProperties":false}`, `{"a":[1,1],"b":2}`)
	f.Add(`{"$schema":"http://json-schema.org/draft-04/schema#","maximum":3,"exclusiveMaximum":true}`, `3`)
	f.Add(`{"$id":"x","$anchor":"y","items":{"$ref":"#y"}}`, `[[[]]]`)
	f.Fuzz(func(t *testing.T, schema, value string) {
		sv, err := payload.Parse([]byte(schema))
		if err != nil {
			t.Skip()
		}
		v, err := payload.Parse([]byte(value))
		if err != nil {
			t.Skip()
		}
		s, err := jsonschema.New().Compile(sv)
		if err != nil {
			if code := fault.CodeOf(err); code != fault.Invalid {
				t.Fatalf("code %s: %v", code, err)
			}
			return
		}
		if a, b := s.Check(v).Error(), s.Check(v).Error(); a != b {
			t.Fatalf("%s checked against %s says %q, then %q", value, schema, a, b)
		}
	})
}
