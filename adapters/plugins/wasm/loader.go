package wasm

import (
	"context"

	"github.com/tetratelabs/wazero"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/preflight"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Loader brings WebAssembly plugins to life in this process.
type Loader struct{ cfg Config }

var _ ports.PluginLoader = (*Loader)(nil)

// New returns a loader.
func New(cfg Config) (*Loader, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	warmUp()
	return &Loader{cfg.filled()}, nil
}

// warmUp makes wazero find out its own version, which it does when it is first
// needed, and without a lock: modules that are loaded at the same moment must not be
// the first.
func warmUp() {
	ctx := context.Background()
	_ = wazero.NewRuntime(ctx).Close(ctx) // nothing was made that could fail to end
}

// Open implements ports.PluginLoader.
func (l *Loader) Open(ctx context.Context, spec ports.PluginSpec) (ports.Plugin, error) {
	t, err := OpenTransport(ctx, spec, l.cfg)
	if err != nil {
		return nil, err
	}
	return calls.New(t, spec), nil
}

// Prepare judges a module and fills the cache, so that another process that
// uses the same cache need not compile it. Faults are those of Open.
func (l *Loader) Prepare(ctx context.Context, spec ports.PluginSpec) error {
	module, err := inspect(spec)
	if err == nil {
		_, err = prepare(ctx, l.cfg, module, spec.Interpret)
	}
	return named(spec, err)
}

// OpenTransport judges a module, compiles it and starts one instance of it.
func OpenTransport(ctx context.Context, spec ports.PluginSpec, cfg Config) (calls.Transport, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cannot open plugins")
	}
	t, err := open(ctx, spec, cfg.filled())
	if err != nil {
		return nil, named(spec, err)
	}
	return t, nil
}

func open(ctx context.Context, spec ports.PluginSpec, cfg Config) (*transport, error) {
	module, err := inspect(spec)
	if err != nil {
		return nil, err
	}
	dir, err := prepare(ctx, cfg, module, spec.Interpret)
	if err != nil {
		return nil, err
	}
	t := newTransport(spec, cfg)
	if err := t.start(ctx, module, dir); err != nil {
		_ = t.Close(context.WithoutCancel(ctx)) // nothing runs any more
		return nil, err
	}
	return t, nil
}

// inspect judges a module and returns it as it is compiled.
func inspect(spec ports.PluginSpec) ([]byte, error) {
	return preflight.Check(spec.Artifact, preflight.Defaults(spec.MemoryBytes))
}

// named says whose fault it is.
func named(spec ports.PluginSpec, err error) error {
	if err == nil {
		return nil
	}
	f := *fault.As(err)
	f.Message = "plugin " + spec.Name + ": " + f.Message
	return &f
}
