package plugins

import (
	"context"
	"maps"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// The values of Settings.Kind and Settings.Isolation.
const (
	kindWASM         = "wasm"
	kindProcess      = "process"
	isolationProcess = "process"
	isolationInproc  = "inproc"
)

// database is the source of installed plugins.
const database = "database"

// load brings a plugin to life: it is verified before anything of it runs, and
// serves only when it does what its manifest says.
func (m *Manager) load(ctx context.Context, s Settings) (*generation, error) {
	file, err := m.read(ctx, s)
	if err != nil {
		return nil, err
	}
	g, err := m.judge(s, file)
	if err != nil {
		return nil, err
	}
	if g.schemas, err = m.compileSchemas(g.manifest); err != nil {
		return nil, err
	}
	runner := m.runner(g)
	loader := m.deps.Loaders[runner]
	if loader == nil {
		return nil, fault.New(fault.Disabled, "plugins cannot run as %s here", runner)
	}
	spec := ports.PluginSpec{
		Name: s.Name, Artifact: file.Artifact, SHA256: g.digest,
		MemoryBytes: s.memoryOf(g.kind), MaxConcurrent: s.MaxConcurrent, MaxPayload: s.MaxPayload, CallTimeout: s.CallTimeout,
		Env: m.environment(g), Mounts: g.rights.Mounts(), Interpret: s.Interpret, NoTLS: s.NoTLS,
	}
	if g.plugin, err = loader.Open(ctx, spec); err != nil {
		return nil, err
	}
	if err := m.greet(ctx, g); err != nil {
		m.endPlugin(g)
		return nil, err
	}
	g.loaded = m.deps.Clock.Now()
	return g, nil
}

// What plugins may use when nobody says.
const (
	defaultWASMBytes    = 64 << 20
	defaultProcessBytes = 512 << 20
)

func (s Settings) memoryOf(kind string) int64 {
	switch {
	case s.MemoryBytes > 0:
		return s.MemoryBytes
	case kind == kindWASM:
		return defaultWASMBytes
	}
	return defaultProcessBytes
}

// read fetches a plugin's bytes.
func (m *Manager) read(ctx context.Context, s Settings) (ports.PluginFile, error) {
	if s.Path != "" {
		return m.deps.Files.ReadPlugin(s.Path)
	}
	stored, err := m.deps.Store.InstalledPlugin(ctx, s.Name, m.cfg.Platform)
	if fault.CodeOf(err) == fault.NotFound {
		return ports.PluginFile{}, fault.New(fault.NotFound, "the plugin %s is not installed for %s; install it with nflow plugin install, or set its path", s.Name, m.cfg.Platform)
	}
	return stored.PluginFile, err
}

// judge decides whether the bytes may run, and with which rights.
func (m *Manager) judge(s Settings, file ports.PluginFile) (*generation, error) {
	manifest, err := plugin.ParseManifest(file.Manifest)
	if err != nil {
		return nil, err
	}
	if manifest.Name != s.Name {
		return nil, fault.New(fault.Invalid, "the manifest is of the plugin %q, not %q; correct the name in [[plugins]]", manifest.Name, s.Name).AtField("name")
	}
	kind, platform := kindOf(file.Artifact), m.cfg.Platform
	if s.Kind != "" && s.Kind != kind {
		return nil, fault.New(fault.Invalid, "the artifact is %s, but plugins.kind is %s", describeKind(kind), s.Kind).AtField("kind")
	}
	if kind != kindWASM && strings.HasSuffix(s.Path, ".wasm") {
		// Whoever configured it counts on the sandbox.
		return nil, fault.New(fault.Invalid, "%s is no WebAssembly module, though its name says so; a program is not run under such a name", s.Path).AtField("path")
	}
	if kind == kindWASM {
		platform = plugin.AnyPlatform
	}
	trust := plugin.Trust{Keys: m.cfg.Keys, Pins: s.Pins, Dev: s.Dev || m.cfg.Dev}
	signed, err := trust.Verify(manifest, file.Manifest, file.Artifact, file.Signature, platform)
	if err != nil {
		return nil, err
	}
	rights, err := plugin.Grant(manifest, s.Grants)
	if err != nil {
		return nil, err
	}
	return &generation{
		settings: s, manifest: manifest, rights: rights, kind: kind, signed: signed, digest: plugin.Digest(file.Artifact), besides: besides(file),
		places: make(chan struct{}, s.MaxConcurrent), empty: make(chan struct{}),
	}, nil
}

// kindOf tells a module from a program by its first bytes.
func kindOf(artifact []byte) string {
	if len(artifact) >= 4 && string(artifact[:4]) == "\x00asm" {
		return kindWASM
	}
	return kindProcess
}

func describeKind(kind string) string {
	if kind == kindWASM {
		return "a WebAssembly module"
	}
	return "no WebAssembly module"
}

func (m *Manager) runner(g *generation) Runner {
	switch {
	case g.kind == kindProcess:
		return Process
	case g.settings.Isolation == isolationProcess:
		return WASMProcess
	}
	return WASM
}

// environment is what a plugin gets of it: the granted names.
func (m *Manager) environment(g *generation) map[string]string {
	env := map[string]string{}
	for _, name := range g.rights.Capabilities().Env {
		if value, ok := m.cfg.Env[name]; ok {
			env[name] = value
		}
	}
	return env
}

func (m *Manager) compileSchemas(manifest plugin.Manifest) (schemas, error) {
	s := schemas{nodes: map[string]ports.Schema{}, functions: map[string]ports.Schema{}, actions: map[string]ports.Schema{}}
	var faults fault.List
	compile := func(into map[string]ports.Schema, kind, name string, schema payload.Value) {
		if schema.IsZero() {
			return
		}
		compiled, err := m.deps.Schemas.Compile(schema)
		if err != nil {
			f := fault.As(err)
			faults.Add(fault.New(fault.Invalid, "the schema of the %s %s: %s", kind, name, f.Message).AtField("params"))
			return
		}
		into[name] = compiled
	}
	for _, n := range manifest.Nodes {
		compile(s.nodes, "node", n.Type, n.Params)
	}
	for _, f := range manifest.Functions {
		compile(s.functions, "function", f.Name, f.Params)
	}
	for _, a := range manifest.Actions {
		compile(s.actions, "action", a.Name, a.Params)
	}
	return s, faults.Err()
}

// withDefaults are the settings of a plugin without an entry of its own.
func (m *Manager) withDefaults(name, path string) Settings {
	s := m.cfg.Defaults
	s.Name, s.Path, s.Pins = name, path, maps.Clone(s.Pins)
	return s
}
