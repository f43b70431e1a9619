package kit_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/jsonschema"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/kit"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	sdk "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// subject is a plugin whose calls a test can spoil.
type subject struct {
	*sdk.Plugin

	manifest func(string) string                                                                            // of the file
	call     func(ctx context.Context, op wire.Op, f wire.Frame, go_ func() wire.Frame) (wire.Frame, error) // nil = go_
	open     error
	close    func(context.Context) error
	memory   func() int64
	most     int // max_payload; 0 = little, which is fast
	opened   atomic.Int32
	closed   atomic.Int32
}

const largest = 1_100_000

var errCrash = fault.New(fault.PluginFailed, "it crashed")

// Open implements ports.PluginLoader.
func (s *subject) Open(_ context.Context, spec ports.PluginSpec) (ports.Plugin, error) {
	if s.open != nil {
		return nil, s.open
	}
	s.opened.Add(1)
	return calls.New(transport{s}, spec), nil
}

type transport struct{ *subject }

func (t transport) Call(ctx context.Context, op wire.Op, f wire.Frame, host calls.HostFunc) (wire.Frame, error) {
	run := func() wire.Frame { return t.Plugin.Call(ctx, f, host) }
	if t.call == nil {
		return run(), nil
	}
	return t.call(ctx, op, f, run)
}

func (t transport) State() ports.PluginState {
	s := ports.PluginState{Status: "ok"}
	if t.memory != nil {
		s.MemoryBytes = t.memory()
	}
	return s
}

func (t transport) Close(ctx context.Context) error {
	t.closed.Add(1)
	if t.close != nil {
		return t.close(ctx)
	}
	return nil
}

type in struct {
	Text string `json:"text"`
}

// good is a plugin without faults.
func good() *subject {
	echo := func(ctx context.Context, _ struct{}, v in) (in, error) {
		if err := sdk.HostFrom(ctx).KV("seen").Set(ctx, "last", v.Text); err != nil {
			return in{}, err
		}
		return v, nil
	}
	example := sdk.Example{Payload: in{"hello"}, Result: in{"hello"}}
	return &subject{Plugin: &sdk.Plugin{
		Name: "good", Version: "1.0.0", Capabilities: sdk.Capabilities{KV: []string{"seen"}},
		Nodes:     []sdk.Node{sdk.NodeOf("echo", "", echo).WithOutputs("ok").WithExamples(example)},
		Functions: []sdk.Function{sdk.FunctionOf1("len", "", func(_ context.Context, s string) (int, error) { return len(s), nil }).WithExamples(sdk.Example{Payload: []string{"abc"}, Result: 3})},
		Actions:   []sdk.Action{sdk.ActionOf("echo", "", func(_ context.Context, v in) (in, error) { return v, nil }).WithExamples(example)},
		Configure: sdk.ConfigureOf(func(context.Context, struct {
			Level int `json:"level,omitzero"`
		},
		) error {
			return nil
		}),
	}}
}

func (s *subject) try(t *testing.T) kit.Report {
	t.Helper()
	manifest, err := s.ManifestJSON()
	if err != nil {
		t.Fatal(err)
	}
	if s.manifest != nil {
		manifest = []byte(s.manifest(string(manifest)))
	}
	most := s.most
	if most == 0 {
		most = 32 << 10
	}
	r := kit.Run(t.Context(), kit.Subject{
		File: ports.PluginFile{Artifact: []byte("artifact"), Manifest: manifest}, Loader: s, Schemas: jsonschema.New(),
		Spec: ports.PluginSpec{MaxPayload: most, MaxConcurrent: 4}, Timeout: 3 * time.Second,
	}, func(kit.Result) {})
	if s.opened.Load() != s.closed.Load() {
		t.Errorf("opened %d times, closed %d times", s.opened.Load(), s.closed.Load())
	}
	return r
}

func find(t *testing.T, r kit.Report, name string) kit.Result {
	t.Helper()
	for _, one := range r.Results {
		if one.Name == name {
			return one
		}
	}
	t.Fatalf("there is no case %q in %+v", name, r.Results)
	return kit.Result{}
}

func TestGoodPluginsPass(t *testing.T) {
	s := good()
	s.most = largest
	r := s.try(t)
	for _, one := range r.Results {
		if one.Outcome == kit.Failed {
			t.Errorf("%s: %s", one.Name, one.Problem)
		}
	}
	if len(r.Results) < 50 || r.Plugin != "good" || r.Version != "1.0.0" {
		t.Errorf("%d cases of %s %s", len(r.Results), r.Plugin, r.Version)
	}
	names := map[string]bool{}
	for _, one := range r.Results {
		if names[one.Name] {
			t.Errorf("%q stands there twice", one.Name)
		}
		names[one.Name] = true
	}
}

// header is that of a call.
func header(f wire.Frame) wire.Request {
	var h wire.Request
	if json.Unmarshal(f.Header, &h) != nil {
		return wire.Request{}
	}
	return h
}

func answered(code wire.Code, message string) wire.Frame {
	return wire.Failure(&wire.Error{Code: code, Message: message})
}

func TestFaultsAreFound(t *testing.T) {
	// when spoils the calls a test picks.
	when := func(pick func(wire.Request, string) bool, f wire.Frame, err error) func(*subject) {
		return func(s *subject) {
			s.call = func(_ context.Context, _ wire.Op, r wire.Frame, run func() wire.Frame) (wire.Frame, error) {
				if pick(header(r), string(r.Payload)) {
					return f, err
				}
				return run(), nil
			}
		}
	}
	fine := wire.Frame{Header: []byte(`{}`), Payload: []byte(`1`)}
	replaced := func(oldnew ...string) func(*subject) {
		return func(s *subject) { s.manifest = strings.NewReplacer(oldnew...).Replace }
	}
	var poisoned, growing atomic.Int64
	crowd, tick := make(chan struct{}), func() <-chan time.Time { return time.After(2 * time.Millisecond) }
	tests := []struct {
		name  string
		spoil func(*subject)
		fails string // name of the case
		says  string
	}{
		{"manifest", replaced(`"1.0.0"`, `"one"`), "the manifest is valid", "no semantic version"},
		{"start", func(s *subject) { s.open = fault.New(fault.Invalid, "no module") }, "the artifact starts", "no module"},
		{"another manifest", replaced(`"1.0.0"`, `"1.0.1"`), "describe equals the manifest", "they differ in version"},
		{"schema", func(s *subject) { s.Nodes[0].Params = map[string]any{"type": "strange"} }, "schemas are JSON Schemas", "nodes[0].params.type"},
		{"example against its schema", func(s *subject) { s.Functions[0].Examples[0].Payload = []int{1} }, "examples fit their schemas", "functions[0].examples[0][0]: must be a string"},
		{"example with another output", func(s *subject) { s.Nodes[0].Examples[0].Next = "sad" }, "examples choose declared outputs", `nodes[0].examples[0].next: "sad" is none`},
		{"example with another result", func(s *subject) { s.Functions[0].Examples[0].Result = 4 }, "example 1 of the function len", "it gave 3 instead of 4"},
		{"example that takes another output", func(s *subject) { s.Nodes[0].Examples[0].Next = "ok" }, "example 1 of the node echo", `it chose the output "" instead of "ok"`},
		{"settings", when(func(h wire.Request, _ string) bool { return h.Op == wire.Configure }, answered(wire.Internal, "no"), nil), "configure takes its settings", "no"},
		{"settings of another kind", when(func(h wire.Request, p string) bool { return h.Op == wire.Configure && p == `[1,2]` }, wire.Frame{}, errCrash), "configure refuses garbage", "with [1,2] it gave no answer"},
		{"unknown node", when(func(h wire.Request, _ string) bool { return h.Name == "no-such-node" }, fine, nil), "an unknown node is not found", "but it answered with a result"},
		{"unknown function with another code", when(func(h wire.Request, _ string) bool { return h.Name == "no-such-function" }, answered(wire.InvalidArgument, "x"), nil), "an unknown function is not found", "it answered invalid_argument"},
		{"strange name", when(func(h wire.Request, _ string) bool { return h.Op == wire.Action && h.Name == "a\x00b" }, wire.Frame{}, errCrash), "strange names of actions are not found", "gave no answer"},
		{"function as node", when(func(h wire.Request, _ string) bool { return h.Op == wire.Node && h.Name == "len" }, fine, nil), "names are those of their kind", "the function len called as a node"},
		{"bad header", func(s *subject) {
			s.call = func(_ context.Context, _ wire.Op, f wire.Frame, run func() wire.Frame) (wire.Frame, error) {
				if !json.Valid(f.Header) {
					return wire.Frame{}, errCrash
				}
				return run(), nil
			}
		}, "a header that is no JSON is an error", "it crashed"},
		{"unknown operation", when(func(h wire.Request, _ string) bool { return h.Op == "explode" }, fine, nil), "an unknown operation is an error", "answered with a result"},
		{"header of tomorrow", when(func(h wire.Request, _ string) bool { return h.Op == wire.Describe && h.DeadlineMS == 5000 }, answered(wire.InvalidArgument, "strict"), nil), "unknown fields of the header are passed over", "strict"},
		{"cut payload", when(func(_ wire.Request, p string) bool { return p == `{"a":` }, answered(wire.Internal, "eof"), nil), "a payload that is no JSON is no crash", "it answered internal: eof"},
		{"payload of another kind", when(func(_ wire.Request, p string) bool { return p == `null` }, answered(wire.Internal, "TypeError"), nil), "payload: null", "it answered internal: TypeError"},
		{"deep payload", when(func(_ wire.Request, p string) bool { return strings.Contains(p, "[[[[[[[[[") }, wire.Frame{}, errCrash), "payload: 500 levels", "it crashed"},
		{"params", when(func(h wire.Request, _ string) bool { return string(h.Params) == "[1,2,3]" }, wire.Frame{}, errCrash), "params: an array", "it crashed"},
		{"bytes", when(func(h wire.Request, _ string) bool { return h.Encoding == wire.Base64 }, answered(wire.Internal, "x"), nil), "a body of bytes", "it answered internal"},
		{"spoiled by what came before", func(s *subject) {
			s.call = func(_ context.Context, _ wire.Op, f wire.Frame, run func() wire.Frame) (wire.Frame, error) {
				if strings.Contains(string(f.Payload), "constructor") {
					poisoned.Store(1)
				}
				if poisoned.Load() == 1 && header(f).Op != wire.Configure && header(f).Op != wire.Describe {
					return fine, nil
				}
				return run(), nil
			}
		}, "payload: an object of strangers", "afterwards it does not answer as before"},
		{"large payload", when(func(_ wire.Request, p string) bool { return len(p) >= 1_000_000 && len(p) < largest }, wire.Frame{}, errCrash), "a payload of 1 MB", "with 1000000 bytes"},
		{"largest payload", when(func(_ wire.Request, p string) bool { return len(p) == largest }, wire.Frame{}, errCrash), "a payload as large as may be", "with 1100000 bytes"},
		{"short time", func(s *subject) {
			s.call = func(ctx context.Context, _ wire.Op, f wire.Frame, run func() wire.Frame) (wire.Frame, error) {
				if d, ok := ctx.Deadline(); ok && time.Until(d) < 10*time.Millisecond {
					return wire.Frame{}, errCrash
				}
				return run(), nil
			}
		}, "a call of 1 ms", "it crashed"},
		{"crowds", func(s *subject) {
			s.call = func(_ context.Context, op wire.Op, _ wire.Frame, run func() wire.Frame) (wire.Frame, error) {
				if op != wire.Node {
					return run(), nil
				}
				select {
				case crowd <- struct{}{}:
					return fine, nil
				case <-crowd:
				case <-tick():
				}
				return run(), nil
			}
		}, "32 calls at once", "it gave 1 instead of"},
		{"no help", func(s *subject) {
			s.call = func(_ context.Context, _ wire.Op, _ wire.Frame, run func() wire.Frame) (wire.Frame, error) {
				f := run()
				if strings.Contains(string(f.Header), "permission_denied") {
					return wire.Frame{}, errCrash
				}
				return f, nil
			}
		}, "a host that denies everything", "it crashed"},
		{"growth", func(s *subject) { s.memory = func() int64 { return growing.Add(1 << 20) } }, "200 calls without growing", "its memory grew"},
		{"unknown code", when(func(h wire.Request, p string) bool { return h.Op == wire.Node && p == `true` }, answered("E_BAD", "x"), nil), "errors are fit to be seen", `payload: a truth value: the code "E_BAD" is unknown`},
		{"no message", when(func(h wire.Request, p string) bool { return h.Op == wire.Node && p == `true` }, answered(wire.InvalidArgument, " "), nil), "errors are fit to be seen", "has no message"},
		{"internals", when(func(h wire.Request, p string) bool { return h.Op == wire.Node && p == `true` }, answered(wire.InvalidArgument, "main.go:12: nil pointer"), nil), "errors are fit to be seen", "internals"},
		{"end", func(s *subject) {
			s.close = func(ctx context.Context) error {
				if d, ok := ctx.Deadline(); ok && time.Until(d) > 5*time.Second {
					return nil // what is closed in passing has more time
				}
				<-ctx.Done()
				return errors.New("still there")
			}
		}, "it ends in time", "it did not end within 3s (still there)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := good()
			tt.spoil(s)
			if strings.Contains(tt.fails, "1 MB") || strings.Contains(tt.fails, "large") {
				s.most = largest
			}
			got := find(t, s.try(t), tt.fails)
			if got.Outcome != kit.Failed || !strings.Contains(got.Problem, tt.says) {
				t.Errorf("got %+v, want %s", got, tt.says)
			}
			if got.Mend == "" {
				t.Error("nobody says how to mend it")
			}
		})
	}
}

func TestChangingDescription(t *testing.T) {
	s := good()
	var n atomic.Int32
	s.call = func(_ context.Context, op wire.Op, _ wire.Frame, run func() wire.Frame) (wire.Frame, error) {
		f := run()
		if op == wire.Describe && n.Add(1)%2 == 0 {
			f.Payload = []byte(strings.Replace(string(f.Payload), `"1.0.0"`, `"2.0.0"`, 1))
		}
		return f, nil
	}
	if got := find(t, s.try(t), "describe says the same twice"); got.Outcome != kit.Failed {
		t.Errorf("got %+v", got)
	}
}

func TestNothingFollowsWhatIsVital(t *testing.T) {
	s := good()
	s.open = fault.New(fault.Invalid, "no module")
	if r := s.try(t); len(r.Results) != 2 || r.Plugin != "good" {
		t.Errorf("%d results of %q", len(r.Results), r.Plugin)
	}
}

func TestSkipped(t *testing.T) {
	s := good()
	s.Functions[0].Examples = nil
	s.Actions = nil
	s.Nodes = append(s.Nodes, sdk.NodeOf("fetch", "", func(ctx context.Context, _ struct{}, _ in) (int, error) {
		r, err := sdk.HostFrom(ctx).Fetch(ctx, sdk.FetchRequest{URL: "https://example.com"})
		if err != nil {
			return 0, err
		}
		return r.Status, nil
	}).WithExamples(sdk.Example{Payload: in{"x"}, Result: 200}))
	r := s.try(t)
	for name, want := range map[string]string{
		"everything has an example":   "function len",
		"example 1 of the node fetch": "it needs the network",
		"a body of bytes":             "it has no actions",
		"200 calls without growing":   "its memory is unknown",
	} {
		if got := find(t, r, name); got.Outcome != kit.Skipped || !strings.Contains(got.Problem, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if r.Count(kit.Failed) != 0 {
		t.Errorf("failed: %+v", r.Results)
	}
}

func TestKilledPluginsMayComeBack(t *testing.T) {
	s := good()
	var down atomic.Int32
	s.call = func(ctx context.Context, _ wire.Op, _ wire.Frame, run func() wire.Frame) (wire.Frame, error) {
		if d, ok := ctx.Deadline(); ok && time.Until(d) < 10*time.Millisecond {
			down.Store(3)
			return wire.Frame{}, fault.New(fault.Cancelled, "killed")
		}
		if down.Add(-1) >= 0 {
			return wire.Frame{}, fault.New(fault.Unavailable, "it starts again").Retry(1)
		}
		down.Store(0)
		return run(), nil
	}
	if got := find(t, s.try(t), "a call of 1 ms"); got.Outcome != kit.OK {
		t.Errorf("got %+v", got)
	}
}

func TestCancelledRunsEnd(t *testing.T) {
	s := good()
	ctx, cancel := context.WithCancel(t.Context())
	manifest, err := s.ManifestJSON()
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	r := kit.Run(ctx, kit.Subject{
		File: ports.PluginFile{Artifact: []byte("a"), Manifest: manifest}, Loader: s, Schemas: jsonschema.New(), Settings: payload.EmptyObject(),
	}, func(kit.Result) { once.Do(cancel) })
	if len(r.Results) != 1 {
		t.Errorf("%d cases were tried", len(r.Results))
	}
}
