package plugins_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a manager over fakes. Plugins are "artifacts" whose text is looked up
// in behaviours.
type world struct {
	*plugins.Manager

	t          *testing.T
	cfg        plugins.Config
	settings   []plugins.Settings
	files      map[string]ports.PluginFile
	behaviours map[string]behaviour // by artifact
	installed  []ports.StoredPlugin
	switches   map[string]ports.PluginSwitch
	values     map[string]payload.Value
	http       func(node.HTTPRequest) (node.HTTPResult, error)
	logs       bytes.Buffer
	now        time.Time

	mu     sync.Mutex
	opened []ports.PluginSpec
	closed int
	seen   []string
}

// behaviour answers the calls of one artifact.
type behaviour func(ctx context.Context, call ports.PluginCall, host ports.PluginHost) (ports.PluginResult, error)

const manifestText = `{"name":"hello","version":"1.0.0","abi":1,
 "nodes":[{"type":"greet","params":{"type":"object","required":["greeting"]},"outputs":["output_1","other"]}],
 "functions":[{"name":"greet","params":{"type":"array"}}],"actions":[{"name":"greet","params":{"type":"object"}}],
 "capabilities":{"kv":["hello"]},"optional_capabilities":{"http":["api.example.com"],"secret":["KEY"],"env":["CITY"],"fs":["/data"]}}`

// newWorld has the plugin hello at the path "hello.wasm", answered by echo.
func newWorld(t *testing.T) *world {
	w := &world{
		t: t, files: map[string]ports.PluginFile{}, behaviours: map[string]behaviour{}, switches: map[string]ports.PluginSwitch{},
		values: map[string]payload.Value{}, now: time.Unix(1_700_000_000, 0),
	}
	w.addFile("hello.wasm", "\x00asm one", manifestText, echo)
	w.settings = []plugins.Settings{w.hello()}
	w.cfg = plugins.Config{
		Platform: "linux/amd64", Env: map[string]string{"CITY": "Lugano", "OTHER": "x"},
		Settings: func() ([]plugins.Settings, error) { return w.settings, nil },
		Defaults: plugins.Settings{Isolation: "inproc", CallTimeout: time.Second, MaxConcurrent: 2, MaxQueue: 10, MaxPayload: 1 << 20},
	}
	return w
}

func (w *world) hello() plugins.Settings {
	return plugins.Settings{
		Name: "hello", Path: "hello.wasm", Isolation: "inproc", Dev: true, CallTimeout: 2 * time.Second, MaxConcurrent: 2, MaxQueue: 200, MaxPayload: 1 << 20,
		Grants: plugin.Capabilities{
			KV: []string{"hello"}, HTTP: []string{"*.example.com"}, Secret: []string{"KEY", "MISSING"}, Env: []string{"CITY"}, FS: []string{"/data=/srv/data"},
		},
		Secrets: map[string]string{"KEY": "s3cret"},
	}
}

func (w *world) addFile(path, artifact, manifest string, b behaviour) {
	w.files[path] = ports.PluginFile{Artifact: []byte(artifact), Manifest: []byte(manifest)}
	w.behaviours[artifact] = b
}

// start starts the manager; it is closed when the test ends.
func (w *world) start() {
	w.t.Helper()
	loader := loader{w}
	w.Manager = plugins.New(plugins.Deps{
		Loaders: map[plugins.Runner]ports.PluginLoader{plugins.WASM: loader, plugins.Process: loader},
		Files:   w, Store: w, Switches: w, Values: w, Schemas: w, HTTP: w, Observer: w, Clock: w,
		Log: slog.New(slog.NewTextHandler(&w.logs, nil)),
	}, w.cfg)
	w.t.Cleanup(w.Close)
	if err := w.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// echo answers well: the payload comes back under its operation.
func echo(_ context.Context, call ports.PluginCall, _ ports.PluginHost) (ports.PluginResult, error) {
	switch {
	case call.Op == ports.PluginDescribe:
		return ports.PluginResult{Payload: payload.Trusted([]byte(manifestText))}, nil
	case call.Op == ports.PluginConfigure:
		return ports.PluginResult{}, nil
	case call.Name != "greet":
		return ports.PluginResult{}, fault.New(fault.NotFound, "no").WithDetail(`{"code":"not_found"}`)
	}
	v, err := payload.From(map[string]any{"op": call.Op, "payload": call.Payload})
	return ports.PluginResult{Payload: v}, err
}

// instead is echo but for node calls.
func instead(f behaviour) behaviour {
	return func(ctx context.Context, call ports.PluginCall, host ports.PluginHost) (ports.PluginResult, error) {
		if call.Op == ports.PluginNode {
			return f(ctx, call, host)
		}
		return echo(ctx, call, host)
	}
}

type loader struct{ w *world }

func (l loader) Open(_ context.Context, spec ports.PluginSpec) (ports.Plugin, error) {
	b := l.w.behaviours[string(spec.Artifact)]
	if b == nil {
		return nil, fault.New(fault.Invalid, "the module is truncated")
	}
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	l.w.opened = append(l.w.opened, spec)
	return &running{w: l.w, behaviour: b}, nil
}

type running struct {
	w *world
	behaviour

	mu     sync.Mutex
	closed bool
}

func (p *running) Call(ctx context.Context, call ports.PluginCall, host ports.PluginHost) (ports.PluginResult, error) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return ports.PluginResult{}, fault.New(fault.Unavailable, "closed")
	}
	return p.behaviour(ctx, call, host)
}

func (p *running) State() ports.PluginState { return ports.PluginState{Status: "ok", MemoryBytes: 7} }

func (p *running) Close(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.closed++
	return nil
}

func (w *world) ReadPlugin(path string) (ports.PluginFile, error) {
	if f, ok := w.files[path]; ok {
		return f, nil
	}
	return ports.PluginFile{}, fault.New(fault.NotFound, "there is no file %s", path)
}

func (w *world) ReadManifest(path string) ([]byte, error) {
	f, err := w.ReadPlugin(path)
	return f.Manifest, err
}

func (w *world) ListPlugins(dir string) ([]string, error) {
	var all []string
	for path := range w.files {
		if len(path) > len(dir) && path[:len(dir)] == dir {
			all = append(all, path)
		}
	}
	return all, nil
}

func (w *world) InstallPlugin(_ context.Context, p ports.StoredPlugin) (int, error) {
	p.Revision = len(w.installed) + 1
	w.installed = append([]ports.StoredPlugin{p}, w.installed...)
	return p.Revision, nil
}

func (w *world) InstalledPlugin(_ context.Context, name, _ string) (ports.StoredPlugin, error) {
	for _, p := range w.installed {
		if p.Name == name && !p.Removed {
			return p, nil
		}
	}
	return ports.StoredPlugin{}, fault.New(fault.NotFound, "no plugin")
}

func (w *world) PluginRevisions(context.Context, string) ([]ports.PluginRevision, error) {
	var all []ports.PluginRevision
	for _, p := range w.installed {
		all = append(all, p.PluginRevision)
	}
	return all, nil
}

func (w *world) RemovePlugin(_ context.Context, name string) error {
	for i := range w.installed {
		w.installed[i].Removed = w.installed[i].Removed || w.installed[i].Name == name
	}
	return nil
}

func (w *world) PluginSwitches(context.Context) ([]ports.PluginSwitch, error) {
	var all []ports.PluginSwitch
	for _, s := range w.switches {
		all = append(all, s)
	}
	return all, nil
}

func (w *world) SwitchPlugin(_ context.Context, name string, disabled bool) error {
	s := w.switches[name]
	s.Name, s.Disabled = name, disabled
	w.switches[name] = s
	return nil
}

func (w *world) ReloadPlugin(_ context.Context, name string) error {
	s := w.switches[name]
	s.Name = name
	s.Reloads++
	w.switches[name] = s
	return nil
}

func (w *world) Value(_ context.Context, space, key string) (payload.Value, error) {
	if v, ok := w.values[space+"/"+key]; ok {
		return v, nil
	}
	return payload.Value{}, fault.New(fault.NotFound, "no value")
}

func (w *world) PutValue(_ context.Context, space, key string, v payload.Value, _ int) error {
	w.values[space+"/"+key] = v
	return nil
}

func (w *world) DeleteValue(_ context.Context, space, key string) error {
	delete(w.values, space+"/"+key)
	return nil
}

// Compile knows one keyword, required.
func (w *world) Compile(schema payload.Value) (ports.Schema, error) {
	if schema.Kind() != payload.Object {
		return nil, fault.New(fault.Invalid, "must be an object")
	}
	return required{schema}, nil
}

type required struct{ schema payload.Value }

func (s required) Check(v payload.Value) fault.List {
	var faults fault.List
	names, _ := s.schema.Field("required")
	for _, name := range names.Items() {
		if _, ok := v.Field(name.String()); !ok {
			faults.Add(fault.New(fault.Invalid, "is missing").AtField(name.String()))
		}
	}
	if kind := s.schema.FieldText("type"); kind == "object" && v.Kind() != payload.Object {
		faults.Add(fault.New(fault.Invalid, "must be an object"))
	}
	return faults
}

func (w *world) Do(_ context.Context, r node.HTTPRequest) (node.HTTPResult, error) { return w.http(r) }

func (w *world) PluginCalled(name, op string, code fault.Code, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, fmt.Sprintf("%s %s %s", name, op, code))
}

func (w *world) PluginSeen(name string, state ports.PluginState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, name+" "+state.Status)
}

func (w *world) Now() time.Time { return w.now }

func value(t testing.TB, text string) payload.Value {
	t.Helper()
	if !json.Valid([]byte(text)) {
		t.Fatalf("bad JSON %s", text)
	}
	return payload.Trusted([]byte(text))
}
