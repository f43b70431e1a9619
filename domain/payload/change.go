package payload

import "slices"

// With returns the object with one member set; a value that is not an object is
// replaced by an object with that member alone.
func (v Value) With(key string, member Value) Value {
	return Merge(v, Member(key, member))
}

// Member returns the object {key: value}.
func Member(key string, value Value) Value {
	raw := append([]byte{'{'}, Text(key).raw...)
	raw = append(raw, ':')
	raw = append(raw, value.Bytes()...)
	return Value{raw: append(raw, '}')}
}

// Without returns the object without some members; other kinds are returned as
// is.
func (v Value) Without(keys ...string) Value {
	if !slices.ContainsFunc(keys, func(key string) bool { _, found := v.Field(key); return found }) {
		return v
	}
	w := newObjectWriter(len(v.raw))
	for k, member := range v.Fields() {
		if !slices.Contains(keys, k) {
			w.add(k, member)
		}
	}
	return w.done()
}

// Merge returns one object with the members of all, later ones winning. Values
// that are not objects are passed over.
func Merge(values ...Value) Value {
	size, objects, last := 2, 0, Value{}
	for _, v := range values {
		if v.Kind() == Object && len(v.raw) > 2 {
			size, objects, last = size+len(v.raw), objects+1, v
		}
	}
	if objects == 1 {
		return last
	}
	winner := make(map[string]Value)
	var order []string
	for _, v := range values {
		for k, member := range v.Fields() {
			if _, seen := winner[k]; !seen {
				order = append(order, k)
			}
			winner[k] = member
		}
	}
	w := newObjectWriter(size)
	for _, k := range order {
		w.add(k, winner[k])
	}
	return w.done()
}

type objectWriter struct{ raw []byte }

func newObjectWriter(size int) *objectWriter {
	return &objectWriter{raw: append(make([]byte, 0, size), '{')}
}

func (w *objectWriter) add(key string, member Value) {
	if len(w.raw) > 1 {
		w.raw = append(w.raw, ',')
	}
	w.raw = append(w.raw, Text(key).raw...)
	w.raw = append(w.raw, ':')
	w.raw = append(w.raw, member.Bytes()...)
}

func (w *objectWriter) done() Value { return Value{raw: append(w.raw, '}')} }
