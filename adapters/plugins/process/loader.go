package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Loader runs plugins as processes.
type Loader struct {
	cfg     Config
	dir     *runDir
	spawner *spawner
	guard   *guard

	mu     sync.Mutex
	open   map[*transport]struct{}
	opens  sync.WaitGroup
	closed bool
}

var _ ports.PluginLoader = (*Loader)(nil)

// New makes the private directory and removes what servers that are gone left in
// it. Close the loader last.
func New(cfg Config) (*Loader, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	dir, err := openRunDir(cfg.RunDir)
	if err != nil {
		return nil, err
	}
	return &Loader{cfg: cfg, dir: dir, spawner: newSpawner(), guard: newGuard(), open: map[*transport]struct{}{}}, nil
}

// Open implements ports.PluginLoader.
func (l *Loader) Open(ctx context.Context, spec ports.PluginSpec) (ports.Plugin, error) {
	if !l.begin() {
		return nil, fault.New(fault.Unavailable, "plugin %s: the server is stopping", spec.Name)
	}
	defer l.opens.Done()
	p, err := l.load(ctx, spec)
	if err != nil {
		named := *fault.As(err)
		named.Message = "plugin " + spec.Name + ": " + named.Message
		return nil, &named
	}
	return calls.New(p, spec), nil
}

func (l *Loader) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.opens.Add(1)
	}
	return !l.closed
}

func (l *Loader) load(ctx context.Context, spec ports.PluginSpec) (*transport, error) {
	dir, err := l.dir.pluginDir()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "%v", err)
	}
	launch, err := l.launch(spec, dir)
	if err == nil {
		var first *generation
		if first, err = launch.start(ctx); err == nil {
			return l.keep(launch, first), nil
		}
	}
	_ = os.RemoveAll(dir) // what stays goes with the directory above
	return nil, err
}

func (l *Loader) keep(launch launch, first *generation) *transport {
	l.mu.Lock()
	defer l.mu.Unlock()
	var t *transport
	t = newTransport(launch, first, func() { l.forget(t) })
	l.open[t] = struct{}{}
	return t
}

func (l *Loader) forget(t *transport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, t)
}

// launch is how the processes of a plugin are started.
func (l *Loader) launch(spec ports.PluginSpec, dir string) (launch, error) {
	mode := os.FileMode(0o500)
	if l.cfg.Host != nil {
		mode = 0o400
	}
	path, err := writeArtifact(dir, spec, mode)
	if err != nil {
		return launch{}, err
	}
	env, err := l.environment(spec)
	return launch{
		cfg: l.cfg, name: spec.Name, dir: dir, path: path, env: env,
		tls: !spec.NoTLS, limit: l.limits(spec), message: messageBytes(spec.MaxPayload), concurrent: spec.MaxConcurrent,
		spawner: l.spawner, guard: l.guard, log: l.cfg.Log.With("plugin", spec.Name),
	}, err
}

// maxThreads bounds the threads whose stacks are added to limits.
const maxThreads = 128

// limits are those of a process. A host has a memory for each call, and while
// one of them grows there are two.
func (l *Loader) limits(spec ports.PluginSpec) limits {
	memory := max(0, spec.MemoryBytes)
	if l.cfg.Host != nil {
		memory *= 2 * int64(max(1, spec.MaxConcurrent))
	}
	const perCall, perProcessor = 4, 2 // Python takes three for a call
	threads := perCall*max(1, spec.MaxConcurrent) + perProcessor*runtime.NumCPU()
	return limits{memory: memory, base: l.cfg.BaseBytes, threads: min(threads, maxThreads)}
}

// HostSpecVariable is the environment variable that holds a HostSpec.
const HostSpecVariable = "NFLOW_PLUGIN_SPEC"

// HostSpec is what a Host is told of the plugin it serves, as JSON.
type HostSpec struct {
	Name          string            `json:"name"` // of the plugin
	MemoryBytes   int64             `json:"memory_bytes"`
	MaxConcurrent int               `json:"max_concurrent"`
	MaxPayload    int               `json:"max_payload"`
	CallTimeoutMS int64             `json:"call_timeout_ms"`
	Mounts        map[string]string `json:"mounts,omitempty"`
	Env           map[string]string `json:"env,omitempty"`
	Interpret     bool              `json:"interpret,omitempty"`
	CacheDir      string            `json:"cache_dir,omitempty"`
}

// environment is that of a process, besides what go-plugin adds.
func (l *Loader) environment(spec ports.PluginSpec) ([]string, error) {
	if l.cfg.Host == nil {
		env := make([]string, 0, len(spec.Env))
		for _, name := range slices.Sorted(maps.Keys(spec.Env)) {
			env = append(env, name+"="+spec.Env[name])
		}
		return env, nil
	}
	text, err := json.Marshal(HostSpec{
		Name: spec.Name, MemoryBytes: spec.MemoryBytes, MaxConcurrent: spec.MaxConcurrent, MaxPayload: spec.MaxPayload,
		CallTimeoutMS: int64(spec.CallTimeout / time.Millisecond), Mounts: spec.Mounts, Env: spec.Env,
		Interpret: spec.Interpret, CacheDir: l.cfg.Host.CacheDir,
	})
	if err != nil {
		return nil, fmt.Errorf("encode the host's specification: %w", err)
	}
	return []string{HostSpecVariable + "=" + string(text)}, nil
}

// Close ends all plugins that are still open, and removes everything.
func (l *Loader) Close(ctx context.Context) error {
	l.mu.Lock()
	was := l.closed
	l.closed = true
	l.mu.Unlock()
	if was {
		return nil
	}
	l.opens.Wait()
	l.mu.Lock()
	open := slices.Collect(maps.Keys(l.open))
	l.mu.Unlock()
	var all sync.WaitGroup
	errs := make([]error, len(open))
	for i, t := range open {
		all.Go(func() { errs[i] = t.Close(ctx) })
	}
	all.Wait()
	l.spawner.close()
	l.guard.close()
	return errors.Join(errors.Join(errs...), l.dir.close())
}
