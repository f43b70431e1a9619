package wasm

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/preflight"
)

// instance is one copy of the guest, used by one call at a time.
type instance struct {
	module     api.Module // nil until it is made
	call       api.Function
	uses       int // of call
	generation int // of its settings
	memory     *linear
	files      *openFiles
	exchange   exchange
	ctx        context.Context // of what runs now //nolint:containedctx // WASI's functions for time and randomness get none
}

// freshCall is how often a call may use the same stack. A stack grows as far as
// 80 MB and never shrinks, so now and then it is given up.
const freshCall = 64

func (t *transport) emptyInstance() *instance {
	return &instance{
		memory: &linear{limit: uint64(max(t.spec.MemoryBytes, 0)), total: &t.memory},
		files:  &openFiles{},
	}
}

// config is the guest's world.
func (i *instance) config(t *transport) wazero.ModuleConfig {
	c := wazero.NewModuleConfig().WithName("").WithStartFunctions(preflight.Initialize).
		WithSysWalltime().WithSysNanotime().WithNanosleep(i.sleep).WithRandSource(i).
		WithStdout(t.log.writer("stdout")).WithStderr(t.log.writer("stderr"))
	for name, value := range t.spec.Env {
		c = c.WithEnv(name, value)
	}
	if fs := t.mounts.config(i.files); fs != nil {
		c = c.WithFSConfig(fs)
	}
	return c
}

// instanceKey finds the instance in the context that host functions get.
type instanceKey struct{}

// guestContext is the context of something the guest does.
func (i *instance) guestContext(ctx context.Context) context.Context {
	i.ctx = ctx
	ctx = context.WithValue(ctx, instanceKey{}, i)
	if i.module == nil {
		ctx = experimental.WithMemoryAllocator(ctx, i.memory)
	}
	return ctx
}

// callGuest calls nflow_call.
func (i *instance) callGuest(ctx context.Context) (uint32, error) {
	if i.call == nil || i.uses >= freshCall {
		i.call, i.uses = i.module.ExportedFunction(preflight.Call), 0
	}
	i.uses++
	var result [1]uint64
	err := i.call.CallWithStack(ctx, result[:])
	return uint32(result[0]), err
}

// discard frees the instance. Nothing of it runs any more.
func (i *instance) discard(ctx context.Context) {
	if i.module != nil {
		_ = i.module.Close(context.WithoutCancel(ctx)) // the rest is freed below
	}
	i.files.close()
	i.memory.release()
}

// sleep waits as long as the call has time.
func (i *instance) sleep(ns int64) {
	timer := time.NewTimer(time.Duration(ns))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-i.ctx.Done():
	}
}

// randomBytes is how much randomness is made without a look at the time.
const randomBytes = 64 << 10

// Read gives the guest randomness, as long as the call has time.
func (i *instance) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return rand.Read(b[:min(len(b), randomBytes)])
}
