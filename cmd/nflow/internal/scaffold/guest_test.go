package scaffold_test

import (
	"context"
	"os"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// guest is a module behind the plainest host there can be, which hands it any
// bytes as its input.
type guest struct {
	module api.Module
	host   hostFunc
	input  []byte
	output []byte
	reply  []byte
}

// guestPages bounds the memory of a guest: 16 MiB.
const guestPages = 256

func openGuest(t testing.TB, path string) *guest {
	t.Helper()
	code, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(guestPages))
	t.Cleanup(func() { _ = r.Close(ctx) })
	g := &guest{}
	b := r.NewHostModuleBuilder("nflow_v1")
	b.NewFunctionBuilder().WithFunc(func() int32 { return int32(len(g.input)) }).Export("input_len")
	b.NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, ptr, n uint32) int32 {
		return copyTo(m, ptr, n, g.input)
	}).Export("input_read")
	b.NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, ptr, n uint32) {
		b, _ := m.Memory().Read(ptr, n)
		g.output = append([]byte(nil), b...)
	}).Export("output_write")
	b.NewFunctionBuilder().WithFunc(func(ctx context.Context, m api.Module, ptr, n uint32) int32 {
		b, _ := m.Memory().Read(ptr, n)
		request, err := wire.Parse(b)
		if err != nil || g.host == nil {
			return -1
		}
		g.reply = g.host(ctx, request).Append(nil)
		return int32(len(g.reply))
	}).Export("host_call")
	b.NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, ptr, n uint32) int32 {
		return copyTo(m, ptr, n, g.reply)
	}).Export("host_read")
	if _, err := b.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	g.module, err = r.InstantiateWithConfig(ctx, code, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if v, err := g.module.ExportedFunction("nflow_abi_version").Call(ctx); err != nil || v[0] != wire.ABI {
		t.Fatalf("the ABI of %s is %v (%v)", path, v, err)
	}
	return g
}

func copyTo(m api.Module, ptr, n uint32, b []byte) int32 {
	b = b[:min(int(n), len(b))]
	if !m.Memory().Write(ptr, b) {
		return -1
	}
	return int32(len(b))
}

// raw makes a call with any bytes as its frame. A trap fails the test.
func (g *guest) raw(t testing.TB, input []byte, host hostFunc) wire.Frame {
	t.Helper()
	g.input, g.output, g.host = input, nil, host
	v, err := g.module.ExportedFunction("nflow_call").Call(context.Background())
	if err != nil {
		t.Fatalf("nflow_call trapped with the frame %.200q: %v", input, err)
	}
	f, err := wire.Parse(g.output)
	if err != nil {
		t.Fatalf("the output %.200q: %v", g.output, err)
	}
	if failed := read(t, f).Header.Error != nil; failed != (v[0] == 1) || v[0] > 1 {
		t.Fatalf("nflow_call returned %d with the header %s", v[0], f.Header)
	}
	return f
}

func (g *guest) exchange(t testing.TB, request wire.Frame, host hostFunc) wire.Frame {
	t.Helper()
	return g.raw(t, request.Append(nil), host)
}
