package redis

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// FuzzSession: whatever is under the key of a session is one, none, or a fault.
func FuzzSession(f *testing.F) {
	f.Add("1", "0", "1800000000000000", `{"a":1}`, 4, 0)
	f.Add("", "", "", "", 4, 15)
	f.Add("9223372036854775807", "-1", "x", "{", 3, 1)
	f.Fuzz(func(t *testing.T, version, created, expires, values string, n, missing int) {
		all := []any{version, created, expires, values, int64(7)}
		for i := range all {
			if missing>>i&1 == 1 {
				all[i] = nil
			}
		}
		fields := all[:min(max(n, 0), len(all))]
		s, err := decodeSession(fields)
		if err != nil {
			if fault.CodeOf(err) != fault.Internal || s.Version != 0 {
				t.Fatalf("%+v, %v", s, err)
			}
			return
		}
		if s.Version == 0 {
			return
		}
		if _, err := payload.Parse(s.Values.Bytes()); err != nil || s.Version < 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		if micros(fromMicros(micros(s.Created))) != micros(s.Created) {
			t.Fatalf("created %s changes on its way", s.Created)
		}
	})
}

func TestNoSession(t *testing.T) {
	s, err := decodeSession([]any{nil, nil, nil, nil})
	if err != nil || s.Version != 0 {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, fields := range [][]any{nil, {}, {"1"}, {"1", "2", "3", nil}, {nil, "2", "3", "{}"}, {"0", "0", "0", "{}"}, {"1", "2", "3", "{"}} {
		if _, err := decodeSession(fields); fault.CodeOf(err) != fault.Internal {
			t.Errorf("%v gives %v", fields, err)
		}
	}
}
