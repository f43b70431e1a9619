package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	lib "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// What a schema may have. Compiling takes time in the square of its parts.
const (
	maxBytes   = 128 << 10
	maxDepth   = 64
	maxParts   = 4000 // objects, arrays and values in them
	maxPattern = 1000 // bytes of a regular expression
)

// address is the name of the document that is compiled; nobody serves it.
const address = "schema://plugin/schema"

// Schemas compiles schemas.
type Schemas struct{}

var _ ports.Schemas = Schemas{}

// New returns a compiler of schemas.
func New() Schemas { return Schemas{} }

// Compile implements ports.Schemas.
func (Schemas) Compile(schema payload.Value) (ports.Schema, error) {
	switch schema.Kind() {
	case payload.Null:
		return anything{}, nil
	case payload.Object, payload.Bool:
	default:
		return nil, fault.New(fault.Invalid, "a JSON Schema is an object, true or false")
	}
	if size := len(schema.Bytes()); size > maxBytes {
		return nil, fault.New(fault.Invalid, "the JSON Schema has %d bytes; the most is %d", size, maxBytes)
	}
	doc, err := decode(schema.Bytes())
	if err != nil {
		return nil, err
	}
	if err := withinBounds(doc); err != nil {
		return nil, err
	}
	first, err := compile(doc)
	if err != nil {
		return nil, err
	}
	s := &compiled{machines: sync.Pool{New: func() any {
		m, err := compile(doc)
		if err != nil { // it compiled before
			return nil
		}
		return m
	}}}
	s.machines.Put(first)
	return s, nil
}

// compile makes one machine of a document.
func compile(doc any) (m *machine, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Invalid, "the JSON Schema cannot be understood: %v", r)
		}
	}()
	c := lib.NewCompiler()
	c.DefaultDraft(lib.Draft2020)
	c.UseLoader(nothing{})
	c.UseRegexpEngine(pattern)
	if err := c.AddResource(address, doc); err != nil {
		return nil, problem(err, doc)
	}
	root, err := c.Compile(address)
	if err != nil {
		return nil, problem(err, doc)
	}
	return newMachine(root)
}

// nothing loads no document.
type nothing struct{}

var errElsewhere = errors.New("it refers to another document; put what it needs into $defs and refer to it as #/$defs/NAME")

func (nothing) Load(string) (any, error) { return nil, errElsewhere }

func pattern(source string) (lib.Regexp, error) {
	if len(source) > maxPattern {
		return nil, fmt.Errorf("a regular expression of %d bytes; the most is %d", len(source), maxPattern)
	}
	return regexp.Compile(source)
}

// problem tells what is wrong with a schema, without our name for it.
func problem(err error, doc any) error {
	var load *lib.LoadURLError
	if errors.As(err, &load) {
		return fault.New(fault.Invalid, "the JSON Schema refers to %q: %v", strings.TrimPrefix(load.URL, "schema://plugin/"), errElsewhere)
	}
	var wrong *lib.SchemaValidationError
	var tree *lib.ValidationError
	if errors.As(err, &wrong) && errors.As(wrong.Err, &tree) {
		var list fault.List
		explainer{doc: doc}.tree(tree, &list)
		if list = tidy(list); len(list) > 0 {
			return fault.New(fault.Invalid, "the JSON Schema is wrong: %s", list[0].Message).AtField(list[0].Field)
		}
	}
	return fault.New(fault.Invalid, "the JSON Schema is wrong: %s", strings.ReplaceAll(err.Error(), address, ""))
}

// decode reads JSON with its numbers as they are written.
func decode(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "is no JSON")
	}
	return v, nil
}

// withinBounds judges a schema's depth, parts and numbers.
func withinBounds(doc any) error {
	parts := 0
	var walk func(v any, depth int) error
	walk = func(v any, depth int) error {
		if parts++; parts > maxParts {
			return fault.New(fault.Invalid, "the JSON Schema has more than %d parts", maxParts)
		}
		if depth > maxDepth {
			return fault.New(fault.Invalid, "the JSON Schema nests deeper than %d levels", maxDepth)
		}
		switch v := v.(type) {
		case map[string]any:
			for _, member := range v {
				if err := walk(member, depth+1); err != nil {
					return err
				}
			}
		case []any:
			for _, item := range v {
				if err := walk(item, depth+1); err != nil {
					return err
				}
			}
		case json.Number:
			if !sane(v) {
				return fault.New(fault.Invalid, "the JSON Schema has the number %s, which is too large or too small", short(string(v)))
			}
		}
		return nil
	}
	return walk(doc, 1)
}
