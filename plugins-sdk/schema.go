package plugin

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"
)

// schemaOf derives the JSON Schema of a Go type; nil for types that may be
// anything.
func schemaOf[T any]() any {
	s := derive[T]()
	if reflect.ValueOf(*s).IsZero() {
		return nil
	}
	return s
}

// derive is schemaOf without the exception. A type that cannot be JSON is a
// mistake in the plugin's code, found when it starts.
func derive[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[json.RawMessage](): {},
		reflect.TypeFor[[]byte]():          {Types: []string{"null", "string"}, ContentEncoding: "base64"},
	}})
	if err != nil {
		panic(fmt.Sprintf("plugin: %s has no JSON Schema: %v", reflect.TypeFor[T](), err))
	}
	return s
}

// argumentOf describes an argument of a type. A pointer may be left out.
func argumentOf[T any]() argument {
	return argument{schema: derive[T](), optional: reflect.TypeFor[T]().Kind() == reflect.Pointer}
}
