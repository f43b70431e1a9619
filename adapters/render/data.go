package render

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// number is a JSON number with a fraction. It compares as a number in html
// templates and prints as JavaScript would print it, never as 1.5e+06.
type number float64

// String is the number as JavaScript writes it.
func (n number) String() string {
	f := float64(n)
	if a := math.Abs(f); a >= 1e21 || (a < 1e-6 && a > 0) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// MarshalJSON keeps it a number inside of scripts.
func (n number) MarshalJSON() ([]byte, error) { return json.Marshal(float64(n)) }

// absent is a null inside of an array of an html template: it prints as
// nothing, is false, and has no members.
type absent map[string]any

// String is nothing.
func (absent) String() string { return "" }

// MarshalJSON keeps it a null inside of scripts.
func (absent) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// htmlData turns JSON into what html/template works on. A null member is left
// out, because the engine treats a missing one gracefully everywhere:
// {{.profile.name}} is empty when profile is missing, but fails when it is nil.
func htmlData(v payload.Value) any {
	switch v.Kind() {
	case payload.Object:
		object := make(map[string]any)
		for key, member := range v.Fields() {
			if member.Kind() == payload.Null {
				delete(object, key) // an earlier duplicate
				continue
			}
			object[key] = htmlData(member)
		}
		return object
	case payload.Array:
		array := []any{}
		for _, item := range v.Items() {
			array = append(array, htmlData(item))
		}
		return array
	case payload.Number:
		whole, fraction := splitNumber(v)
		if fraction != nil {
			return *fraction
		}
		return whole
	case payload.Null:
		return absent(nil)
	case payload.Bool, payload.String:
	}
	return scalar(v)
}

// mustacheData turns JSON into what the mustache engine works on: null is an
// empty string, which is false and prints as nothing.
func mustacheData(v payload.Value) any {
	switch v.Kind() {
	case payload.Object:
		object := make(map[string]any)
		for key, member := range v.Fields() {
			object[key] = mustacheData(member)
		}
		return object
	case payload.Array:
		array := []any{}
		for _, item := range v.Items() {
			array = append(array, mustacheData(item))
		}
		return array
	case payload.Number:
		whole, fraction := splitNumber(v)
		if fraction != nil {
			return fraction.String()
		}
		return whole
	case payload.Null, payload.Bool, payload.String:
	}
	return scalar(v)
}

func scalar(v payload.Value) any {
	if v.Kind() == payload.Bool {
		return v.IsTrue()
	}
	return v.String()
}

// splitNumber gives a whole number as int64, or as it was written when it
// does not fit, and any other as a number.
func splitNumber(v payload.Value) (whole any, fraction *number) {
	text := v.String()
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.ContainsAny(text, ".eE") {
		return json.Number(text), nil
	}
	const exact = 1 << 53
	if f == math.Trunc(f) && math.Abs(f) < exact {
		return int64(f), nil
	}
	n := number(f)
	return nil, &n
}
