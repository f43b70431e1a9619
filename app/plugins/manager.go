package plugins

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Runner is a way of running plugins.
type Runner string

// The runners.
const (
	WASM        Runner = "wasm"         // a module in this process
	WASMProcess Runner = "wasm-process" // a module in a process of its own
	Process     Runner = "process"      // a program
)

// Deps are what a Manager needs; all are required.
type Deps struct {
	Loaders  map[Runner]ports.PluginLoader
	Files    ports.PluginFiles
	Store    ports.PluginStore
	Switches ports.PluginSwitches
	Values   ports.KeyValues
	Schemas  ports.Schemas
	HTTP     ports.HTTPClient
	Observer ports.PluginObserver
	Clock    ports.Clock
	Log      *slog.Logger
}

// Config is what the operator decides for all plugins.
type Config struct {
	Platform string                       // such as "linux/amd64"
	Dir      string                       // a directory of plugins; empty = none
	Dev      bool                         // let anything through
	Keys     map[string]ed25519.PublicKey // who may sign, by name
	Env      map[string]string            // what plugins may be granted of the environment
	// Settings reads [[plugins]]; it is asked again for every reload.
	Settings func() ([]Settings, error)
	// Defaults are the settings of plugins that have no entry in [[plugins]].
	Defaults Settings
}

// Settings are one [[plugins]].
type Settings struct {
	Name          string
	Path          string // empty = the installed one
	Kind          string // "wasm" or "process"; empty = by the artifact
	Isolation     string // of wasm: "inproc" or "process"
	Interpret     bool
	Pins          map[string]string // SHA-256 by platform
	CallTimeout   time.Duration
	MemoryBytes   int64 // 0 = 64 MiB for wasm, 512 MiB for a program
	MaxConcurrent int
	MaxQueue      int // calls that may wait for a place
	MaxPayload    int // bytes
	Dev           bool
	NoTLS         bool
	Disabled      bool
	Grants        plugin.Capabilities
	Config        payload.Value // handed to the plugin; zero = {}
	Secrets       map[string]string
}

// Manager keeps the plugins. Make one with New, then Start it.
type Manager struct {
	deps Deps
	cfg  Config

	set      atomic.Pointer[map[string]*entry] // never changed in place
	puts     sync.Mutex                        // held while set is replaced
	retiring sync.WaitGroup                    // generations that still end calls

	life   context.Context // ends with Close
	end    context.CancelFunc
	writes chan struct{} // one change at a time

	// Guarded by writes:
	settings []Settings        // as last read
	unread   map[string]string // files of the directory that cannot be read, and why
}

// entry is one plugin as it stands. It never changes.
type entry struct {
	wanted
	gen     *generation   // nil when it is not loaded
	nodes   []plugin.Node // what it offers, as far as that is known
	problem string        // why it is not, or why a newer one is not
	tried   time.Time     // when the last try ended
}

// New returns a manager without plugins.
func New(d Deps, cfg Config) *Manager {
	m := &Manager{deps: d, cfg: cfg, writes: make(chan struct{}, 1)}
	m.life, m.end = context.WithCancel(context.Background())
	m.set.Store(&map[string]*entry{})
	return m
}

// None returns a manager that never has plugins.
func None() *Manager { return New(Deps{}, Config{}) }

// get returns a plugin; nil when there is none of that name.
func (m *Manager) get(name string) *entry { return (*m.set.Load())[name] }

// put replaces a plugin, or removes it when e is nil, and lets the generation it
// had end its calls.
func (m *Manager) put(name string, e *entry) {
	m.puts.Lock()
	defer m.puts.Unlock()
	old := m.get(name)
	next := maps.Clone(*m.set.Load())
	delete(next, name)
	if e != nil {
		next[name] = e
	}
	m.set.Store(&next)
	if old != nil && old.gen != nil && (e == nil || e.gen != old.gen) {
		m.retire(old.gen)
	}
	if e == nil {
		m.deps.Observer.PluginSeen(name, ports.PluginState{Status: "closed"})
	}
}
