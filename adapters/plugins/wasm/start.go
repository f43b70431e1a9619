package wasm

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/preflight"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// start loads the compiled module and makes the first instance, so that a module
// that cannot start is refused at once.
func (t *transport) start(ctx context.Context, module []byte, dir string) error {
	if err := safely(func() error { return t.load(ctx, module, dir) }); err != nil {
		return fault.Wrap(err, fault.Invalid, "the module cannot be loaded: %s", firstLine(err.Error()))
	}
	var err error
	if t.mounts, err = openMounts(t.spec.Mounts); err != nil {
		return err
	}
	t.enter() // nobody closes it yet
	inner, release := t.bounded(ctx, t.cfg.StartTime)
	done := make(chan error, 1)
	go func() {
		defer t.running.Done()
		defer release()
		i, err := t.newInstance(ctx, inner)
		if err == nil {
			t.giveBack(ctx, i)
		}
		done <- err
	}()
	select {
	case err = <-done:
	case <-inner.Done():
		select {
		case err = <-done: // both happened
		default:
			err = t.ended(ctx)
		}
	}
	if fault.CodeOf(err) == fault.LimitExceeded && fault.As(err).Limit == "plugins.call_timeout" {
		return fault.New(fault.LimitExceeded, "the module does not start within %s; its start function or _initialize takes too long", t.cfg.StartTime)
	}
	return err
}

func (t *transport) load(ctx context.Context, module []byte, dir string) (err error) {
	if dir != "" && !t.spec.Interpret {
		if t.cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return err
		}
	}
	t.runtime = wazero.NewRuntimeWithConfig(ctx, runtimeConfig(t.spec.Interpret, t.cache))
	if t.compiled, err = t.runtime.CompileModule(ctx, module); err != nil {
		return err
	}
	if _, err = wasi_snapshot_preview1.Instantiate(ctx, t.runtime); err != nil {
		return err
	}
	return exportHost(ctx, t.runtime)
}

// newInstance makes an instance and asks for the version it was built for. ctx
// is the caller's, inner the one that bounds the work.
func (t *transport) newInstance(ctx, inner context.Context) (*instance, error) {
	i := t.emptyInstance()
	err := safely(func() error { return i.begin(inner, t) })
	if err == nil && inner.Err() != nil {
		err = inner.Err() // the module may have been marked as closed
	}
	if err != nil {
		err = t.explain(ctx, inner, i, err)
		i.discard(ctx)
		return nil, err
	}
	return i, nil
}

func (i *instance) begin(ctx context.Context, t *transport) error {
	ctx = i.guestContext(ctx)
	m, err := t.runtime.InstantiateModule(ctx, t.compiled, i.config(t))
	if m != nil {
		i.module = m
	}
	if err != nil {
		return err
	}
	results, err := m.ExportedFunction(preflight.Version).Call(ctx)
	if err != nil {
		return err
	}
	if got := uint32(results[0]); got != wire.ABI {
		return breach{fault.Invalid, fmt.Sprintf("the module was built for version %d of the contract, but this runtime speaks %d; build it with a matching SDK", got, wire.ABI)}
	}
	return nil
}
