package wasm

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/preflight"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// exportHost offers the functions of the contract to guests:
//   - input_len is the size of the request;
//   - input_read and host_read copy what comes next of the request, or of the
//     last host call's reply, and return how many bytes that were;
//   - output_write appends to the answer;
//   - host_call asks the host and returns the size of the reply, which may be an
//     error; negative when the time is over.
//
// A guest that points outside its memory, or calls them outside nflow_call, is
// stopped.
func exportHost(ctx context.Context, r wazero.Runtime) error {
	const i32 = api.ValueTypeI32
	two, one, none := []api.ValueType{i32, i32}, []api.ValueType{i32}, []api.ValueType{}
	b := r.NewHostModuleBuilder(preflight.Host)
	for _, f := range []struct {
		name            string
		do              api.GoModuleFunc
		params, results []api.ValueType
	}{
		{"input_len", inputLen, none, one},
		{"input_read", inputRead, two, one},
		{"output_write", outputWrite, two, none},
		{"host_call", hostCall, two, one},
		{"host_read", hostRead, two, one},
	} {
		b.NewFunctionBuilder().WithGoModuleFunction(f.do, f.params, f.results).Export(f.name)
	}
	_, err := b.Instantiate(ctx)
	return err
}

func inputLen(ctx context.Context, _ api.Module, stack []uint64) {
	stack[0] = api.EncodeI32(int32(exchangeOf(ctx).size))
}

func inputRead(ctx context.Context, m api.Module, stack []uint64) {
	stack[0] = api.EncodeI32(int32(exchangeOf(ctx).input.read(view(m, stack, "input_read"))))
}

func outputWrite(ctx context.Context, m api.Module, stack []uint64) {
	exchangeOf(ctx).write(view(m, stack, "output_write"))
}

func hostCall(ctx context.Context, m api.Module, stack []uint64) {
	e := exchangeOf(ctx)
	request := view(m, stack, "host_call")
	if ctx.Err() != nil {
		stack[0] = api.EncodeI32(-1)
		return
	}
	stack[0] = api.EncodeI32(int32(e.callHost(ctx, request)))
}

func hostRead(ctx context.Context, m api.Module, stack []uint64) {
	stack[0] = api.EncodeI32(int32(exchangeOf(ctx).reply.read(view(m, stack, "host_read"))))
}

// exchangeOf is the call the guest works on.
func exchangeOf(ctx context.Context) *exchange {
	i, ok := ctx.Value(instanceKey{}).(*instance)
	if !ok || !i.exchange.active {
		panic(breach{fault.PluginFailed, "it calls functions of nflow_v1 outside nflow_call"})
	}
	return &i.exchange
}

// view is the piece of memory that pointer and length on the stack mean.
func view(m api.Module, stack []uint64, function string) []byte {
	at, size := api.DecodeU32(stack[0]), api.DecodeU32(stack[1])
	b, ok := m.Memory().Read(at, size)
	if !ok {
		panic(breach{fault.PluginFailed, fmt.Sprintf("it calls %s with %d bytes at %d, which is outside its memory", function, size, at)})
	}
	return b
}
