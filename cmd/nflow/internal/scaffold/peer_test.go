package scaffold_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// hostFunc answers host calls.
type hostFunc func(ctx context.Context, request wire.Frame) wire.Frame

// peer is one running plugin, whatever it was written in.
type peer interface {
	// exchange makes one call with a header and payload that may be anything.
	exchange(t testing.TB, request wire.Frame, host hostFunc) wire.Frame
}

// open builds and starts a plugin.
func open(t testing.TB, l scaffold.Language, dir string) peer {
	t.Helper()
	if l == scaffold.Python {
		return startPython(t, built(t, l, dir))
	}
	return openGuest(t, built(t, l, dir))
}

// answer is what came of a call, for comparing.
type answer struct {
	Header  wire.Response
	Payload string
}

// ask makes one call.
func ask(t testing.TB, p peer, header wire.Request, payload string, host hostFunc) answer {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, p.exchange(t, wire.Frame{Header: h, Payload: []byte(payload)}, host))
}

// read checks that an answer is what the contract says.
func read(t testing.TB, f wire.Frame) answer {
	t.Helper()
	a := answer{Payload: string(f.Payload)}
	if err := json.Unmarshal(f.Header, &a.Header); err != nil {
		t.Fatalf("the header of the answer, %q: %v", f.Header, err)
	}
	if len(f.Payload) > 0 && !json.Valid(f.Payload) {
		t.Fatalf("the payload of the answer is no JSON: %q", f.Payload)
	}
	return a
}

// outcome is the payload or the error.
func (a answer) outcome() string {
	if e := a.Header.Error; e != nil {
		return string(e.Code) + ": " + e.Message
	}
	if a.Payload == "" {
		return "null"
	}
	return a.Payload
}

// memory is a host with a key-value store.
func memory(log *[]string) hostFunc {
	kept := map[string]json.RawMessage{}
	return func(_ context.Context, request wire.Frame) wire.Frame {
		var h wire.HostRequest
		var a struct {
			Space, Key, Level, Message string
			Value                      json.RawMessage
		}
		if json.Unmarshal(request.Header, &h) != nil || json.Unmarshal(request.Payload, &a) != nil {
			return wire.Failure(&wire.Error{Code: wire.InvalidArgument, Message: "no host call"})
		}
		key := a.Space + "/" + a.Key
		switch h.Method {
		case wire.KVSet:
			kept[key] = a.Value
			return wire.Frame{Header: []byte("{}"), Payload: []byte("null")}
		case wire.KVGet:
			b, _ := json.Marshal(map[string]any{"found": kept[key] != nil, "value": kept[key]})
			return wire.Frame{Header: []byte("{}"), Payload: b}
		case wire.Log:
			*log = append(*log, a.Level+" "+a.Message)
			return wire.Frame{Header: []byte("{}")}
		}
		return wire.Failure(&wire.Error{Code: wire.PermissionDenied, Message: string(h.Method) + " is not granted"})
	}
}

// answering is a host that gives one answer to a method.
func answering(method wire.Method, otherwise hostFunc, f wire.Frame) hostFunc {
	return func(ctx context.Context, request wire.Frame) wire.Frame {
		var h wire.HostRequest
		if json.Unmarshal(request.Header, &h) == nil && h.Method == method {
			return f
		}
		return otherwise(ctx, request)
	}
}
