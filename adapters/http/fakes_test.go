package http

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// world is every driving port as a fake whose answers a test replaces.
type world struct {
	serve    func(ctx context.Context, in *ports.Inbound) (ports.Outbound, error)
	execute  func(ctx context.Context, id, start string, input payload.Value, in *ports.Inbound) (ports.Execution, error)
	publish  func(id string, document []byte, expected int, author string) (ports.WorkflowInfo, error)
	activate func(id string, version, expected int) (ports.WorkflowInfo, error)
	withdraw func(id string, expected int) error
	document func(ctx context.Context, id string, version int) (ports.Workflow, error)
	versions func(id string) ([]ports.VersionInfo, error)
	catalog  []ports.WorkflowInfo
	runs     func(f ports.RunFilter) ([]ports.RunRecord, error)
	run      func(id string) (ports.RunRecord, error)
	report   ports.HealthReport
	ready    bool
	plugins  ports.Plugins
	door     ports.Doorkeeper
	token    policy.Allowance // of every token
	now      time.Time

	mu        sync.Mutex
	modules   map[string]ports.Module
	templates map[string]ports.Template
	done      []requestDone
	logged    bytes.Buffer
}

type requestDone struct {
	method, route string
	status        int
}

func newWorld() *world {
	notFound := func(id string) error { return fault.New(fault.NotFound, "no %s", id) }
	return &world{
		serve: func(context.Context, *ports.Inbound) (ports.Outbound, error) {
			return ports.Outbound{RunID: "run-1", Reply: node.Reply{Status: 200, Body: []byte("ok")}}, nil
		},
		document: func(_ context.Context, id string, _ int) (ports.Workflow, error) {
			return ports.Workflow{}, notFound(id)
		},
		ready:     true,
		now:       time.Unix(1_700_000_000, 0),
		modules:   map[string]ports.Module{},
		templates: map[string]ports.Template{},
	}
}

func (w *world) Serve(ctx context.Context, in *ports.Inbound) (ports.Outbound, error) {
	return w.serve(ctx, in)
}

func (w *world) Execute(ctx context.Context, id, start string, input payload.Value, in *ports.Inbound) (ports.Execution, error) {
	return w.execute(ctx, id, start, input, in)
}

func (w *world) Publish(_ context.Context, id string, document []byte, expected int, author string) (ports.WorkflowInfo, error) {
	return w.publish(id, document, expected, author)
}

func (w *world) Activate(_ context.Context, id string, version, expected int) (ports.WorkflowInfo, error) {
	return w.activate(id, version, expected)
}

func (w *world) Withdraw(_ context.Context, id string, expected int) error {
	return w.withdraw(id, expected)
}

func (w *world) Document(ctx context.Context, id string, version int) (ports.Workflow, error) {
	return w.document(ctx, id, version)
}

func (w *world) Versions(_ context.Context, id string) ([]ports.VersionInfo, error) {
	return w.versions(id)
}

func (w *world) Workflows(after string, limit int) []ports.WorkflowInfo {
	var page []ports.WorkflowInfo
	for _, info := range w.catalog {
		if info.ID > after && len(page) < limit {
			page = append(page, info)
		}
	}
	return page
}

func (w *world) Health(context.Context) ports.HealthReport { return w.report }
func (w *world) Ready() bool                               { return w.ready }
func (w *world) Now() time.Time                            { return w.now }

// Authenticate takes the name of a scope as its token; admin includes the others.
func (w *world) Authenticate(_ context.Context, bearer string, scope ports.Scope) (ports.Caller, error) {
	switch bearer {
	case "run", "read", "admin":
		if bearer != string(scope) && bearer != "admin" {
			return ports.Caller{}, fault.New(fault.Forbidden, "the token lacks the scope %s", scope)
		}
		return ports.Caller{Name: bearer + "-token", Allowance: w.token}, nil
	case "busy":
		return ports.Caller{Name: bearer, Allowance: policy.Allowance{Limit: 7, Full: time.Minute, RetryAfter: time.Second}},
			fault.New(fault.LimitExceeded, "this token came too often").OverLimit("rate_limit.token_rate_limit").Retry(1)
	case "broken":
		return ports.Caller{}, fault.New(fault.Unavailable, "the token store is away")
	default:
		return ports.Caller{}, fault.New(fault.Unauthenticated, "a valid token is needed")
	}
}

func (w *world) RequestDone(method, route string, status int, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = append(w.done, requestDone{method, route, status})
}

func (w *world) requests() []requestDone {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]requestDone(nil), w.done...)
}

func (w *world) RunDone(string, ports.RunStatus, time.Duration) {}
func (w *world) NodeDone(string, fault.Code, time.Duration)     {}
func (w *world) Counted(ports.Event, string, int)               {}
func (w *world) Scripts(int, int)                               {}
func (w *world) metrics(out io.Writer)                          { io.WriteString(out, "nflow_up 1\n") }
func (w *world) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logged.Write(b)
}
func (w *world) log() string { w.mu.Lock(); defer w.mu.Unlock(); return w.logged.String() }

type fakeRuns struct{ w *world }

func (f fakeRuns) Runs(_ context.Context, filter ports.RunFilter) ([]ports.RunRecord, error) {
	return f.w.runs(filter)
}
func (f fakeRuns) Run(_ context.Context, id string) (ports.RunRecord, error) { return f.w.run(id) }

type fakeLibrary struct{ w *world }

func (f fakeLibrary) Module(_ context.Context, name string) (ports.Module, error) {
	m, found := f.w.modules[name]
	if !found {
		return ports.Module{}, fault.New(fault.NotFound, "no module %s", name)
	}
	return m, nil
}

func (f fakeLibrary) Template(_ context.Context, name string) (ports.Template, error) {
	t, found := f.w.templates[name]
	if !found {
		return ports.Template{}, fault.New(fault.NotFound, "no template %s", name)
	}
	return t, nil
}

func (f fakeLibrary) PutModule(_ context.Context, m ports.Module) error {
	f.w.modules[m.Name] = m
	return nil
}

func (f fakeLibrary) PutTemplate(_ context.Context, t ports.Template) error {
	f.w.templates[t.Name] = t
	return nil
}

func (w *world) deps() Deps {
	return Deps{
		Plugins: w.plugins, Doorkeeper: w.door,
		Endpoints: w, Executor: w, Publisher: w, Catalog: w, RunLog: fakeRuns{w}, Library: fakeLibrary{w},
		Authenticator: w, Health: w, Observer: w, Clock: w, Metrics: w.metrics,
		Log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func testConfig() Config {
	cfg := Config{MonitorEnabled: true}.withDefaults()
	cfg.CookieKey = []byte(strings.Repeat("k", 32))
	return cfg
}

// server builds a server; change may be nil.
func (w *world) server(t testing.TB, change func(*Config)) *Server {
	t.Helper()
	cfg := testConfig()
	if change != nil {
		change(&cfg)
	}
	s, err := New(w.deps(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// do answers one request without a network. headers are "Name: value".
func (w *world) do(t testing.TB, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(w.server(t, nil), method, target, body, headers...)
}

func ask(s *Server, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, r)
	return rec
}

// live serves on a loopback port until the test ends and returns host:port.
func (w *world) live(t *testing.T, change func(*Config)) string {
	t.Helper()
	s := w.server(t, func(c *Config) {
		c.Address = "127.0.0.1:0"
		c.ShutdownTimeout = 5 * time.Second
		if change != nil {
			change(c)
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	ln, err := s.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return ln.Addr().String()
}

func wantStatus(t testing.TB, rec *httptest.ResponseRecorder, status int) {
	t.Helper()
	if rec.Code != status {
		t.Fatalf("status %d, want %d; body %s", rec.Code, status, rec.Body)
	}
}

const bearerAdmin = "Authorization: Bearer admin"

var _ http.ResponseWriter = (*exchange)(nil)
