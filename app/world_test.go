package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a runtime on a memory store and fakes that a test fills in.
type world struct {
	*app.Runtime

	t        testing.TB
	store    *memory.Store
	engine   *engine
	clock    *clock
	observer *observer
	outside  *outside
	logs     *buffer
	deps     app.Deps
}

// newWorld starts a runtime; change may alter what it is made of. It is closed
// when the test ends.
func newWorld(t testing.TB, change ...func(*app.Deps, *app.Config)) *world {
	t.Helper()
	w := newStopped(t, memory.Designer{}, change...)
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func newStopped(t testing.TB, rows memory.Designer, change ...func(*app.Deps, *app.Config)) *world {
	t.Helper()
	w := &world{
		t: t, store: memory.NewOver(rows), engine: &engine{scripts: map[string]script{}}, clock: &clock{now: time.Unix(1_700_000_000, 0).UTC()},
		observer: &observer{}, outside: &outside{files: map[string]string{}}, logs: &buffer{},
	}
	w.deps = app.Deps{
		Types:     node.NewRegistry(node.Builtins()...),
		Workflows: w.store, Publishing: w.store, Changes: w.store, Library: w.store, Users: w.store, Tokens: w.store,
		Settings: w.store, Sessions: w.store, Runs: w.store, Tracker: w.store, Limiter: memory.NewLimiter(w.clock.Now), Database: w.store,
		Engine: w.engine, HTTP: w.outside, Databases: w.outside, Mailer: w.outside, Renderer: w.outside, Files: w.outside, Passwords: w.outside,
		Clock: w.clock, Ticker: w.clock, IDs: &identifiers{}, Observer: w.observer,
		Log: slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	limits := policy.DefaultLimits()
	limits.RunTime = 20 * time.Second
	cfg := app.Config{
		Version: "1.2.3", Limits: limits, Env: map[string]string{"CITY": "Lugano"}, URLBase: "https://base", MaxScripts: 4, Retention: app.Retention{RunsKeep: 10},
		SessionIdle: time.Hour, SessionMaxAge: 24 * time.Hour, Reserved: []string{"/api/admin/"},
	}
	for _, c := range change {
		c(&w.deps, &cfg)
	}
	w.Runtime = app.New(w.deps, cfg)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

func value(t testing.TB, text string) payload.Value {
	t.Helper()
	v, err := payload.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// Documents are written as nodes: start, js and whatever raw JSON.

func doc(nodes ...string) []byte { return []byte("{" + strings.Join(nodes, ",") + "}") }

func start(id, method, path, edges string) string {
	return raw(id, fmt.Sprintf(`{"type":"httpstart","method":%q,"path":%q}`, method, path), edges)
}

func authStart(id, path, edges string) string {
	return raw(id, fmt.Sprintf(`{"type":"starter","urlpattern":%q,"nflow_auth":"true"}`, path), edges)
}

func js(id, code, edges string) string {
	return raw(id, fmt.Sprintf(`{"type":"js","script":%q,"name_box":"Box %s"}`, code, id), edges)
}

// raw is a node with edges as "output>node output>node".
func raw(id, data, edges string) string {
	outputs := map[string]string{}
	var names []string
	for _, e := range strings.Fields(edges) {
		name, to, _ := strings.Cut(e, ">")
		if outputs[name] == "" {
			names = append(names, name)
		} else {
			outputs[name] += ","
		}
		outputs[name] += fmt.Sprintf(`{"node":%q}`, to)
	}
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf(`%q:{"connections":[%s]}`, name, outputs[name]))
	}
	return fmt.Sprintf(`%q:{"data":%s,"outputs":{%s}}`, id, data, strings.Join(all, ","))
}

func withDefaultJS(code string, nodes ...string) []byte {
	return []byte(fmt.Sprintf(`{"default_js":%q,"nodes":%s}`, code, doc(nodes...)))
}

func (w *world) publish(id string, document []byte) ports.WorkflowInfo {
	w.t.Helper()
	info, err := w.Publish(w.t.Context(), id, document, ports.AnyVersion, "tester")
	if err != nil {
		w.t.Fatalf("publish %s: %v", id, err)
	}
	return info
}

func get(path string) *ports.Inbound { return request("GET", path, "") }

// request is an HTTP request; a body that looks like JSON is sent as such, every
// other as a form.
func request(method, target, body string) *ports.Inbound {
	path, query, _ := strings.Cut(target, "?")
	in := &ports.Inbound{Method: method, Path: path, RawQuery: query, Scheme: "http", Host: "h", Header: map[string][]string{}, Body: []byte(body)}
	switch {
	case body == "":
		in.Body = nil
	case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
		in.Header["Content-Type"] = []string{"application/json"}
	default:
		in.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		r, _ := http.NewRequest(method, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		_ = r.ParseForm()
		in.Form = r.PostForm
	}
	return in
}

// serve answers "200 body", or the code of the failure.
func (w *world) serve(in *ports.Inbound) string {
	w.t.Helper()
	out, err := w.Serve(w.t.Context(), in)
	return answer(out, err)
}

func answer(out ports.Outbound, err error) string {
	if err != nil {
		return string(fault.CodeOf(err))
	}
	return fmt.Sprintf("%d %s", out.Reply.Status, out.Reply.Body)
}

func (w *world) expect(in *ports.Inbound, want string) {
	w.t.Helper()
	out, err := w.Serve(w.t.Context(), in)
	if got := answer(out, err); got != want {
		w.t.Errorf("%s %s: got %q (%v), want %q", in.Method, in.Path, got, err, want)
	}
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// eventually waits for what happens in the background.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}
