package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

func TestFrame(t *testing.T) {
	f, err := wire.New(wire.Request{Op: wire.Function, Name: "f"}, []byte("[1]"))
	if err != nil {
		t.Fatal(err)
	}
	b := f.Append(nil)
	if want := "\x1c\x00\x00\x00" + `{"op":"function","name":"f"}` + "[1]"; len(b) != f.Size() || string(b) != want {
		t.Errorf("encoded: %q", b)
	}
	for _, tt := range []struct {
		name, in        string
		header, payload string
		fails           bool
	}{
		{"whole", string(b), string(f.Header), "[1]", false},
		{"no payload", "\x02\x00\x00\x00{}", "{}", "", false},
		{"nothing", "", "", "", true},
		{"three bytes", "\x00\x00\x00", "", "", true},
		{"no header", "\x00\x00\x00\x00", "", "", false},
		{"header too long", "\x03\x00\x00\x00{}", "", "", true},
		{"header far too long", "\xff\xff\xff\xff{}", "", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := wire.Parse([]byte(tt.in))
			if tt.fails != errors.Is(err, wire.ErrFrame) {
				t.Fatalf("error: %v", err)
			}
			if string(got.Header) != tt.header || string(got.Payload) != tt.payload {
				t.Errorf("frame: %q %q", got.Header, got.Payload)
			}
		})
	}
}

func TestFailureWithBadDetails(t *testing.T) {
	f := wire.Failure(&wire.Error{Code: wire.Conflict, Message: "m", Retryable: true, Details: json.RawMessage("{")})
	if want := `{"error":{"code":"conflict","message":"m","retryable":true}}`; string(f.Header) != want {
		t.Errorf("header: %s, want %s", f.Header, want)
	}
}

// FuzzParse wants a frame to come back as it went, and nothing to crash.
func FuzzParse(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00{}null"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := wire.Parse(b)
		if err != nil {
			return
		}
		if again := frame.Append(nil); !bytes.Equal(again, b) {
			t.Errorf("%q became %q", b, again)
		}
	})
}
