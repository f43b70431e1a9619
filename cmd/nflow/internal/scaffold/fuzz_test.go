package scaffold_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// FuzzSDKs reads JSON with every SDK as Go does: the same is valid, and what is
// written back means the same.
func FuzzSDKs(f *testing.F) {
	for _, s := range []string{`null`, `{"a":[1,-2.5e3,"\ud83d\ude00\n",true]}`, `"\ud800x"`, ` [ ] `, `01`, `{"a":1,"a":2}`, "\"\xff\"", `[[[]]`, `1e999`, `"\u00`, `-`} {
		f.Add([]byte(s))
	}
	peers := map[scaffold.Language]peer{}
	for _, l := range foreign() {
		peers[l] = open(f, l, probe(l))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 {
			return // no payload is null
		}
		_, err := payload.Parse(raw)
		valid := err == nil && utf8.Valid(raw)
		for l, p := range peers {
			a := ask(t, p, wire.Request{Op: wire.Action, Name: "same"}, string(raw), nil)
			switch e := a.Header.Error; {
			case e == nil && valid:
				if !means(raw, []byte(a.Payload)) {
					t.Errorf("%s: %q came back as %q", l, raw, a.Payload)
				}
			case e == nil:
				t.Errorf("%s: %q was taken for JSON", l, raw)
			case valid && (l != scaffold.Python || !huge(raw)):
				t.Errorf("%s: %q was not taken: %v", l, raw, e)
			case e.Code != wire.InvalidArgument:
				t.Errorf("%s: %q: %v", l, raw, e)
			}
		}
	})
}

// means reports whether JSON has the same values. Numbers are compared as
// floats, as far as they are any.
func means(a, b []byte) bool {
	x, errX := plainly(a)
	y, errY := plainly(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func plainly(b []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber() // numbers beyond floats
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
	}
	return json.Marshal(v)
}

// huge reports whether numbers are in JSON that a float cannot hold, or that
// Python does not read for their length.
func huge(b []byte) bool {
	var v any
	return json.Unmarshal(b, &v) != nil || len(b) > 4000
}

// FuzzGuests hands modules bytes that may be no frame.
func FuzzGuests(f *testing.F) {
	for _, h := range []string{`{"op":"describe"}`, `{"op":"node","name":"greet","params":{"greeting":"x"}}`, `[]`} {
		f.Add(wire.Frame{Header: []byte(h), Payload: []byte(`{"name":"Ana"}`)}.Append(nil))
	}
	guests := []*guest{}
	for _, l := range []scaffold.Language{scaffold.C, scaffold.AssemblyScript} {
		guests = append(guests, openGuest(f, built(f, l, example(l))))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, g := range guests {
			g.raw(t, raw, nil)
		}
	})
}
