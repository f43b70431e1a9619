package ports

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Schemas turns JSON Schemas into checks.
type Schemas interface {
	// Compile reads a schema: an object, a boolean, or zero and null, which let
	// anything through. It fails with code invalid when the schema is wrong, too
	// large, or refers to another document; Field is the place inside the schema,
	// where known.
	Compile(schema payload.Value) (Schema, error)
}

// Schema checks values. It is safe for concurrent use.
type Schema interface {
	// Check returns everything that is wrong with a value, ordered by field; nil
	// when nothing is. Faults have code invalid, a message that says what is wrong
	// and what is allowed, and in Field the dotted path inside the value, such as
	// "greeting" or "items[2].qty"; empty for the value itself.
	Check(v payload.Value) fault.List
}
