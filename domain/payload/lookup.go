package payload

import (
	"encoding/json"
	"iter"
	"strconv"
)

// Lookup follows a path of object keys and array indexes. The second result is
// false when any part of it is missing.
func (v Value) Lookup(path ...string) (Value, bool) {
	for _, key := range path {
		var ok bool
		switch v.Kind() {
		case Object:
			v, ok = v.Field(key)
		case Array:
			v, ok = v.index(key)
		case Null, Bool, Number, String:
			ok = false
		}
		if !ok {
			return Value{}, false
		}
	}
	return v, true
}

// Field returns a member of an object; with duplicate keys the last one counts,
// as in JSON.parse.
func (v Value) Field(key string) (Value, bool) {
	var found Value
	for k, member := range v.Fields() {
		if k == key {
			found = member
		}
	}
	return found, !found.IsZero()
}

// FieldText is a member as a person would write it; empty when it is missing.
func (v Value) FieldText(key string) string {
	member, _ := v.Field(key)
	return member.String()
}

func (v Value) index(key string) (Value, bool) {
	n, err := strconv.Atoi(key)
	if err != nil || key[0] < '0' { // a sign is no part of an index
		return Value{}, false
	}
	for i, item := range v.Items() {
		if i == n {
			return item, true
		}
	}
	return Value{}, false
}

// Fields ranges over the members of an object in document order; over nothing
// for any other kind.
func (v Value) Fields() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != Object {
			return
		}
		b := v.raw
		for i := skipSpace(b, 1); i < len(b) && b[i] == '"'; {
			end := skipValue(b, i)
			key := unquote(b[i:end])
			start := skipSpace(b, skipSpace(b, end)+1) // past the colon
			i = skipValue(b, start)
			if !yield(key, Value{raw: b[start:i:i]}) {
				return
			}
			i = skipSpace(b, skipSpace(b, i)+1) // past the comma
		}
	}
}

// Items ranges over the elements of an array; over nothing for any other kind.
func (v Value) Items() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.Kind() != Array {
			return
		}
		b := v.raw
		for n, i := 0, skipSpace(b, 1); i < len(b) && b[i] != ']'; n++ {
			start := i
			i = skipValue(b, start)
			if !yield(n, Value{raw: b[start:i:i]}) {
				return
			}
			i = skipSpace(b, i)
			if i < len(b) && b[i] == ',' {
				i = skipSpace(b, i+1)
			}
		}
	}
}

func unquote(b []byte) string {
	for _, c := range b {
		if c == '\\' {
			var s string
			if json.Unmarshal(b, &s) == nil {
				return s
			}
			break
		}
	}
	return string(b[1 : len(b)-1])
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index after the value that starts at i of valid JSON.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipContainer(b, i)
	}
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func skipContainer(b []byte, i int) int {
	level := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			level++
		case '}', ']':
			level--
			if level == 0 {
				return i + 1
			}
		}
		i++
	}
	return i
}
