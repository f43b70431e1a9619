package payload

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// MaxDepth is how deeply arrays and objects may nest in a value from outside.
const MaxDepth = 512

// Value is an immutable JSON value kept as its encoded bytes. The zero Value
// reads as null.
type Value struct{ raw []byte }

// Kind is the JSON type of a value.
type Kind byte

// The kinds of JSON.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// EmptyObject returns {}.
func EmptyObject() Value { return Value{raw: []byte("{}")} }

// Parse checks bytes from outside and returns them as a value. It fails with
// code malformed on anything that is not exactly one JSON value in UTF-8 nested
// at most MaxDepth deep. The bytes are kept, not copied.
func Parse(b []byte) (Value, error) {
	if !utf8.Valid(b) {
		return Value{}, fault.New(fault.Malformed, "the JSON is not valid UTF-8")
	}
	if !json.Valid(b) {
		return Value{}, syntaxFault(b)
	}
	if depth(b) > MaxDepth {
		return Value{}, fault.New(fault.Malformed, "the JSON nests deeper than %d levels", MaxDepth)
	}
	return Value{raw: bytes.TrimSpace(b)}, nil
}

// Trusted wraps bytes made by an encoder that can only write valid JSON. The
// caller hands the bytes over and must not change them afterwards.
func Trusted(b []byte) Value { return Value{raw: b} }

// From encodes a Go value made of maps, slices, strings, numbers, booleans, nil
// and Values.
func From(v any) (Value, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return Value{}, fault.Wrap(err, fault.Internal, "cannot encode a %T as JSON", v)
	}
	return Value{raw: bytes.TrimSpace(b.Bytes())}, nil
}

// Text returns a string value.
func Text(s string) Value {
	v, err := From(s)
	if err != nil { // a string always encodes
		return Value{}
	}
	return v
}

// Bytes returns the encoded form; the caller must not change it.
func (v Value) Bytes() []byte {
	if len(v.raw) == 0 {
		return []byte("null")
	}
	return v.raw
}

// IsZero reports whether the value was never set, unlike an explicit null.
func (v Value) IsZero() bool { return len(v.raw) == 0 }

// Kind returns the JSON type.
func (v Value) Kind() Kind {
	if len(v.raw) == 0 {
		return Null
	}
	switch v.raw[0] {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	default:
		return Number
	}
}

// String is what a person would write for the value: a string without its
// quotes, null as nothing, everything else as JSON.
func (v Value) String() string {
	switch v.Kind() {
	case Null:
		return ""
	case String:
		var s string
		if err := json.Unmarshal(v.raw, &s); err != nil {
			return string(v.raw)
		}
		return s
	default:
		return string(v.raw)
	}
}

// IsTrue reports whether the value is true or the string "true": the two
// spellings the designer writes.
func (v Value) IsTrue() bool {
	return string(v.raw) == "true" || string(v.raw) == `"true"`
}

// Decode fills a Go value.
func (v Value) Decode(into any) error {
	if err := json.Unmarshal(v.Bytes(), into); err != nil {
		return fault.Wrap(err, fault.Malformed, "unexpected shape: %s", describe(err))
	}
	return nil
}

// MarshalJSON makes a Value embeddable in what From encodes.
func (v Value) MarshalJSON() ([]byte, error) { return v.Bytes(), nil }

// UnmarshalJSON keeps a copy of the bytes.
func (v *Value) UnmarshalJSON(b []byte) error {
	v.raw = bytes.Clone(b)
	return nil
}
