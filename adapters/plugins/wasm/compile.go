package wasm

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// runtimeConfig is the same wherever a module is compiled or loaded: what
// differs would not be found in the cache.
func runtimeConfig(interpret bool, cache wazero.CompilationCache) wazero.RuntimeConfig {
	c := wazero.NewRuntimeConfig()
	if interpret {
		c = wazero.NewRuntimeConfigInterpreter()
	}
	c = c.WithCoreFeatures(api.CoreFeaturesV2).WithCloseOnContextDone(true).WithDebugInfoEnabled(false)
	if cache != nil {
		c = c.WithCompilationCache(cache)
	}
	return c
}

// prepare compiles a module in a child, which also shows that reading it is
// harmless, and returns the directory where the result is; empty when there is
// no cache. What is there already the child only reads.
func prepare(ctx context.Context, cfg Config, module []byte, interpret bool) (string, error) {
	if cfg.CacheDir == "" {
		return "", nil
	}
	dir, err := cacheDir(cfg, module)
	if err != nil || cfg.Compiler.Path == "" {
		return dir, err
	}
	trimCache(cfg)
	err = compileInChild(ctx, cfg, CompileOptions{CacheDir: dir, Interpret: interpret}, module)
	if errors.Is(err, errBadCache) {
		// A half-written or damaged entry: begin anew.
		if err = os.RemoveAll(dir); err == nil {
			if dir, err = cacheDir(cfg, module); err == nil {
				err = compileInChild(ctx, cfg, CompileOptions{CacheDir: dir, Interpret: interpret}, module)
			}
		}
	}
	if err == nil {
		return dir, nil
	}
	var f *fault.Fault
	if !errors.As(err, &f) {
		err = fault.Wrap(err, fault.Unavailable, "cannot compile the module: %v", err)
	}
	return "", err
}

// compileModule compiles with a runtime of its own and keeps only what is in
// the cache.
func compileModule(ctx context.Context, o CompileOptions, in io.Reader) error {
	module, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var cache wazero.CompilationCache
	if o.CacheDir != "" && !o.Interpret {
		if cache, err = wazero.NewCompilationCacheWithDir(o.CacheDir); err != nil {
			return err
		}
		defer cache.Close(ctx) //nolint:errcheck // the process ends
	}
	r := wazero.NewRuntimeWithConfig(ctx, runtimeConfig(o.Interpret, cache))
	defer r.Close(ctx) //nolint:errcheck // the process ends
	_, err = r.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), module)
	return err
}
