package wasm_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/wasmtest"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// self is this test as the program that compiles.
func self(args ...string) wasm.Command {
	return wasm.Command{Path: "/proc/self/exe", Name: "nflow", Args: args}
}

// specOf is a plugin with little of everything.
func specOf(artifact []byte) ports.PluginSpec {
	return ports.PluginSpec{
		Name: "p", Artifact: artifact, MemoryBytes: 4 << 20, MaxConcurrent: 2, MaxPayload: 64 << 10, CallTimeout: 300 * time.Millisecond,
	}
}

// open opens a plugin until the end of the test, compiled in this process.
func open(t testing.TB, spec ports.PluginSpec) calls.Transport {
	t.Helper()
	p, err := wasm.OpenTransport(t.Context(), spec, wasm.Config{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if left := p.State().MemoryBytes; left != 0 {
			t.Errorf("%d bytes of instances are left", left)
		}
	})
	return p
}

// call makes one call.
func call(ctx context.Context, p calls.Transport) (wire.Frame, error) {
	return p.Call(ctx, wire.Function, wire.Frame{Header: []byte(`{"op":"function"}`), Payload: []byte(`[1]`)}, echoHost)
}

// echoHost answers a host call with its payload.
func echoHost(_ context.Context, request wire.Frame) wire.Frame {
	return wire.Frame{Header: []byte(`{}`), Payload: request.Payload}
}

// wantFault compares a code and parts of a message.
func wantFault(t testing.TB, err error, code fault.Code, parts ...string) {
	t.Helper()
	if err == nil || fault.CodeOf(err) != code {
		t.Fatalf("fault %q: %v, want %q", fault.CodeOf(err), err, code)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("message %q does not say %q", err, part)
		}
	}
}

// fixed answers {} and 1.
func fixed() wasmtest.Plugin { return wasmtest.Fixed(`{}`, `1`) }
