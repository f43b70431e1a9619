package app

import (
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// arguments are what a script passed to a host function.
type arguments struct {
	function string
	values   []payload.Value
}

// at is the argument at a position; zero when it was not given.
func (a arguments) at(i int) payload.Value {
	if i < len(a.values) {
		return a.values[i]
	}
	return payload.Value{}
}

// text is an argument as a text; empty when it was not given.
func (a arguments) text(i int) string { return a.at(i).String() }

// required is text for an argument that must be there.
func (a arguments) required(i int, what string) (string, error) {
	if s := a.text(i); s != "" {
		return s, nil
	}
	return "", fault.New(fault.Invalid, "%s: argument %s (%s) is missing", a.function, strconv.Itoa(i+1), what)
}

// object is an argument that must be an object, or may be missing.
func (a arguments) object(i int, what string) (payload.Value, error) {
	v := a.at(i)
	switch v.Kind() {
	case payload.Object:
		return v, nil
	case payload.Null:
		return payload.EmptyObject(), nil
	case payload.Bool, payload.Number, payload.String, payload.Array:
	}
	return v, fault.New(fault.Invalid, "%s: argument %d (%s) must be an object", a.function, i+1, what)
}

// headerLines reads {name: value} or {name: [values]}.
func headerLines(v payload.Value) []node.Header {
	var lines []node.Header
	for name, value := range v.Fields() {
		if value.Kind() != payload.Array {
			lines = append(lines, node.Header{Name: name, Value: value.String()})
			continue
		}
		for _, one := range value.Items() {
			lines = append(lines, node.Header{Name: name, Value: one.String()})
		}
	}
	return lines
}

// nothing is what a function without a result gives back: undefined.
func nothing() (payload.Value, error) { return payload.Value{}, nil }

func truth(b bool) payload.Value {
	if b {
		return payload.Trusted([]byte("true"))
	}
	return payload.Trusted([]byte("false"))
}

func null() payload.Value { return payload.Trusted([]byte("null")) }
