package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/arturoeanton/nflow-runtime/adapters/jsonschema"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// The commands that serve a module in a process of its own and that compile one.
const (
	PluginRunCommand     = "plugin-run"
	PluginCompileCommand = "plugin-compile"
)

// PluginLoaders are the ways of running plugins. Close them last.
type PluginLoaders struct {
	ByRunner map[plugins.Runner]ports.PluginLoader

	programs, hosts *programs
}

// Close ends what still runs.
func (l *PluginLoaders) Close(ctx context.Context) error {
	return errors.Join(l.programs.close(ctx), l.hosts.close(ctx))
}

// NewPluginLoaders makes the loaders the configuration asks for. Programs of our
// own are this very binary.
func NewPluginLoaders(c config.PluginHost, log *slog.Logger) (*PluginLoaders, error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	cache, err := cacheDir(c)
	if err != nil {
		return nil, err
	}
	modules, err := wasm.New(wasm.Config{
		CacheDir: cache, Compiler: wasm.Command{Path: self, Name: "nflow", Args: []string{PluginCompileCommand}}, Log: log,
	})
	if err != nil {
		return nil, err
	}
	run := process.Config{RunDir: runDir(c), Log: log}
	l := &PluginLoaders{programs: &programs{cfg: run}}
	run.Host = &process.Host{Path: self, Name: "nflow", Args: []string{PluginRunCommand}, CacheDir: cache}
	l.hosts = &programs{cfg: run}
	l.ByRunner = map[plugins.Runner]ports.PluginLoader{
		plugins.WASM: modules, plugins.WASMProcess: hosted{modules, l.hosts}, plugins.Process: l.programs,
	}
	return l, nil
}

// programs is a loader that is made for the first plugin: most servers have none
// that runs as a process.
type programs struct {
	cfg process.Config

	mu     sync.Mutex
	loader *process.Loader
}

// Open implements ports.PluginLoader.
func (p *programs) Open(ctx context.Context, spec ports.PluginSpec) (ports.Plugin, error) {
	loader, err := p.get()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "%v", err) // which names the key
	}
	return loader.Open(ctx, spec)
}

func (p *programs) get() (*process.Loader, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	if p.loader == nil {
		p.loader, err = process.New(p.cfg)
	}
	return p.loader, err
}

func (p *programs) close(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loader == nil {
		return nil
	}
	return p.loader.Close(ctx)
}

// hosted runs modules in processes of their own. They are judged and compiled
// here first, as any module is.
type hosted struct {
	modules *wasm.Loader
	hosts   *programs
}

// Open implements ports.PluginLoader.
func (h hosted) Open(ctx context.Context, spec ports.PluginSpec) (ports.Plugin, error) {
	if err := h.modules.Prepare(ctx, spec); err != nil {
		return nil, err
	}
	return h.hosts.Open(ctx, spec)
}

// cacheDir is where compiled modules are kept.
func cacheDir(c config.PluginHost) (string, error) {
	if c.CacheDir != "" {
		return filepath.Abs(c.CacheDir)
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "nflow", "plugins"), nil
	}
	return filepath.Join(runDir(c), "cache"), nil
}

// runDir is where sockets and copies of programs are; it is short, as paths of
// sockets are bounded.
func runDir(c config.PluginHost) string {
	if c.RunDir != "" {
		if abs, err := filepath.Abs(c.RunDir); err == nil {
			return abs
		}
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("nflow-%d", os.Getuid()))
}

// newPlugins wires the manager of plugins. settings reads [[plugins]] anew.
func newPlugins(cfg config.Config, store Store, loaders *PluginLoaders, d plugins.Deps) *plugins.Manager {
	d.Loaders, d.Files, d.Schemas = loaders.ByRunner, files.Files{}, jsonschema.New()
	d.Store, d.Switches, d.Values = store.PluginStore, store.PluginSwitches, store.KeyValues
	return plugins.New(d, plugins.Config{
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Dir:      cfg.PluginHost.Dir, Dev: cfg.PluginHost.Dev, Keys: cfg.PluginHost.Keys(), Env: cfg.Env,
		Settings: func() ([]plugins.Settings, error) {
			now, err := cfg.Reread()
			if err != nil {
				return nil, err
			}
			return pluginSettings(now.Plugins)
		},
		Defaults: settingsOf(config.DefaultPlugin()),
	})
}

func pluginSettings(list []config.Plugin) ([]plugins.Settings, error) {
	all := make([]plugins.Settings, len(list))
	for i, p := range list {
		all[i] = settingsOf(p)
		var err error
		if all[i].Config, err = p.Settings(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// settingsOf is an entry without its own configuration.
func settingsOf(p config.Plugin) plugins.Settings {
	s := plugins.Settings{
		Name: p.Name, Path: p.Path, Kind: p.Kind, Isolation: p.Isolation, Interpret: p.Engine == config.EngineInterpreter,
		Pins: p.SHA256, CallTimeout: p.CallTimeout, MemoryBytes: int64(p.MemoryMB) << 20,
		MaxConcurrent: p.MaxConcurrent, MaxQueue: p.MaxQueue, MaxPayload: int(p.MaxPayload),
		Dev: p.Dev, NoTLS: p.NoTLS, Disabled: !p.Enabled, Grants: p.Grants.Capabilities(), Secrets: map[string]string{},
	}
	for name, secret := range p.Secrets {
		s.Secrets[name] = secret.Reveal()
	}
	return s
}
