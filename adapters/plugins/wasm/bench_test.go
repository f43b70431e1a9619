package wasm_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	w "github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/wasmtest"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/plugintest"
)

// small is what a guest without a runtime of its own costs, as C makes it: it
// copies its input into its memory, and that is the payload of its answer.
func small() w.Plugin {
	p := w.Fixed(`{}`, ``)
	p.Memory = []byte{0, 40}
	p.Call = w.Code(
		// The length and header of the request are passed over: {"op":"function"...}
		w.I32(4096), w.I32(4), w.Do(w.InputRead), w.Op(0x1a),
		w.I32(8192), w.I32(4096), w.Op(0x28, 2, 0), w.Do(w.InputRead), w.Op(0x1a),
		w.I32(16384), w.Do(w.InputLen), w.Do(w.InputRead), w.Set(0),
		w.I32(w.AnswerAt), w.I32(6), w.Do(w.OutputWrite),
		w.I32(16384), w.Get(0), w.Do(w.OutputWrite), w.I32(0),
	)
	return p
}

func benchSpec(artifact []byte) ports.PluginSpec {
	return ports.PluginSpec{
		Name: "probe", Artifact: artifact, MemoryBytes: 64 << 20, MaxConcurrent: 4, MaxPayload: 8 << 20, CallTimeout: time.Minute,
	}
}

// BenchmarkCall is one call with a payload that comes back, from the application's
// side, JSON checked on the way back.
func BenchmarkCall(b *testing.B) {
	guests := []struct {
		name     string
		artifact []byte
	}{{"small", small().Bytes()}, {"go", plugintest.BuildWASM(b)}}
	for _, guest := range guests {
		spec := benchSpec(guest.artifact)
		t, err := wasm.OpenTransport(b.Context(), spec, wasm.Config{Log: quiet(), StartTime: time.Minute})
		if err != nil {
			b.Fatal(err)
		}
		p := calls.New(t, spec)
		for _, size := range []int{1 << 10, 100 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("guest=%s/size=%dKB", guest.name, size>>10), func(b *testing.B) { benchCalls(b, p, size) })
		}
		if err := p.Close(context.Background()); err != nil {
			b.Error(err)
		}
	}
}

func benchCalls(b *testing.B, p ports.Plugin, size int) {
	v, err := payload.From([]string{strings.Repeat("x", size)})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		r, err := p.Call(b.Context(), ports.PluginCall{Op: ports.PluginFunction, Name: "echo", Payload: v}, nil)
		if err != nil {
			b.Fatal(err)
		}
		if len(r.Payload.Bytes()) < size {
			b.Fatalf("%d bytes came back", len(r.Payload.Bytes()))
		}
	}
}

// BenchmarkHostCall is one call with one host call in it.
func BenchmarkHostCall(b *testing.B) {
	t, err := wasm.OpenTransport(b.Context(), benchSpec(viaHost().Bytes()), wasm.Config{Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = t.Close(context.Background()) }()
	for b.Loop() {
		if _, err := t.Call(b.Context(), wire.Function, wire.Frame{Header: []byte(`{}`), Payload: []byte(`[1]`)}, echoHost); err != nil {
			b.Fatal(err)
		}
	}
}
