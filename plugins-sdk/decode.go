package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
)

// strictness says whether unknown members, and nulls for what is not there, are
// refused.
type strictness bool

const (
	strict  strictness = true
	lenient strictness = false
)

// reader makes a function that decodes a kind of input. Name is what messages
// call it.
func reader[T any](name string, mode strictness) func(json.RawMessage) (T, error) {
	schema := sync.OnceValue(func() *shape { return shapeOf(derive[T]()) })
	return func(raw json.RawMessage) (T, error) {
		if len(raw) == 0 {
			raw = json.RawMessage("null")
		}
		v, err := decode[T](name, raw, mode)
		if err != nil {
			return v, err
		}
		must := schema()
		if must == nil {
			return v, nil
		}
		var tree any
		if err := json.Unmarshal(raw, &tree); err != nil {
			return v, notJSON(name, err)
		}
		if field, problem := must.gap(name, tree, mode); field != "" {
			return v, atField(field, "%s %s", field, problem)
		}
		return v, nil
	}
}

// decode reads an input. What is wrong with it is an InvalidArgument that names
// the field.
func decode[T any](name string, raw json.RawMessage, mode strictness) (T, error) {
	var v T
	if same, is := any(&v).(*json.RawMessage); is { // a big one should be read once
		if !json.Valid(raw) {
			return v, notJSON(name, json.Unmarshal(raw, same))
		}
		*same = raw
		return v, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if mode == strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(&v); err != nil {
		return v, misfit(name, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, atField(name, "%s: something follows the JSON value", name)
	}
	return v, nil
}

func misfit(name string, err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field := name
		if wrong.Field != "" {
			field += "." + wrong.Field
		}
		return atField(field, "%s is %s; it must be %s", field, withArticle(wrong.Value), kindOf(wrong.Type))
	}
	if quoted, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		if member, err := strconv.Unquote(quoted); err == nil {
			return atField(name+"."+member, "%s has no member %q", name, member)
		}
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		return notJSON(name, err)
	}
	return atField(name, "%s: %s", name, strings.TrimPrefix(err.Error(), "json: "))
}

func notJSON(name string, err error) error {
	return atField(name, "%s is not JSON: %v", name, err)
}

// atField is an InvalidArgument whose details name the field.
func atField(field, format string, args ...any) error {
	return WithDetails(Errorf(InvalidArgument, format, args...), map[string]string{"field": field})
}
