package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// script is what a piece of code does in the fake engine.
type script func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error)

// engine runs Go functions by the text of their code; default_js by the name of
// its function. Unknown code hands its payload on.
type engine struct {
	mu      sync.Mutex
	scripts map[string]script
	ran     []string
}

func key(s node.Script) string {
	if s.Entry == "auth" || s.Entry == "log" {
		return s.Entry
	}
	return s.Code
}

func (e *engine) on(code string, s script) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scripts[code] = s
}

// gives makes a script that returns a payload.
func (e *engine) gives(code, out string) {
	e.on(code, func(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
		return node.ScriptResult{Payload: payload.Trusted([]byte(out))}, nil
	})
}

// calls makes a script that returns what a host function gives.
func (e *engine) calls(code, function string, args ...string) {
	e.on(code, func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		var values []payload.Value
		for _, a := range args {
			values = append(values, payload.Trusted([]byte(a)))
		}
		v, err := call.Host.Call(ctx, function, values)
		if v.IsZero() {
			v = payload.Text("undefined")
		}
		return node.ScriptResult{Payload: v}, err
	})
}

func (e *engine) count(code string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, one := range e.ran {
		if one == code {
			n++
		}
	}
	return n
}

func (e *engine) Check(_ context.Context, s node.Script) ([]policy.Finding, error) {
	if at := strings.Index(s.Code, "SYNTAX"); at >= 0 {
		return nil, fault.New(fault.Invalid, "unexpected token").AtLine(1, at+1)
	}
	return nil, nil
}

func (e *engine) Run(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
	e.mu.Lock()
	s := e.scripts[key(call.Script)]
	e.ran = append(e.ran, key(call.Script))
	e.mu.Unlock()
	if s == nil {
		next, _ := call.Host.Global("next")
		return node.ScriptResult{Payload: call.Payload, Next: next.String()}, nil
	}
	return s(ctx, call)
}

// outside is everything beyond the runtime: HTTP servers, databases, mail,
// templates, files and password hashing.
type outside struct {
	hashes   atomic.Int32
	mu       sync.Mutex
	http     func(ctx context.Context, r node.HTTPRequest) (node.HTTPResult, error)
	query    func(ctx context.Context, r node.QueryRequest) (node.QueryResult, error)
	mail     func(ctx context.Context, m node.MailRequest) error
	requests []node.HTTPRequest
	queries  []node.QueryRequest
	mails    []node.MailRequest
	files    map[string]string
}

func (o *outside) Do(ctx context.Context, r node.HTTPRequest) (node.HTTPResult, error) {
	o.mu.Lock()
	o.requests = append(o.requests, r)
	o.mu.Unlock()
	if o.http == nil {
		return node.HTTPResult{Status: 200, Reason: "OK", Body: []byte("hello")}, nil
	}
	return o.http(ctx, r)
}

func (o *outside) Query(ctx context.Context, r node.QueryRequest) (node.QueryResult, error) {
	o.mu.Lock()
	o.queries = append(o.queries, r)
	o.mu.Unlock()
	if o.query == nil {
		return node.QueryResult{Values: []payload.Value{payload.Trusted([]byte(`[]`))}}, nil
	}
	return o.query(ctx, r)
}

func (o *outside) Names() []string { return []string{"shop", "stock"} }

func (o *outside) Send(ctx context.Context, m node.MailRequest) error {
	o.mu.Lock()
	o.mails = append(o.mails, m)
	o.mu.Unlock()
	if o.mail == nil {
		return nil
	}
	return o.mail(ctx, m)
}

func (o *outside) sent() []node.MailRequest {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.mails)
}

func (o *outside) Check(_ node.TemplateEngine, source string) error {
	if strings.Contains(source, "BROKEN") {
		return fault.New(fault.Invalid, "unclosed action").AtLine(2, 0)
	}
	return nil
}

func (o *outside) Render(_ context.Context, e node.TemplateEngine, source string, data payload.Value) (string, error) {
	if strings.Contains(source, "BROKEN") {
		return "", fault.New(fault.Invalid, "unclosed action").AtLine(2, 0)
	}
	if source == "" {
		return "", nil
	}
	return fmt.Sprintf("%s[%s|%s]", e, source, data.Bytes()), nil
}

func (o *outside) Read(name string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	content, ok := o.files[name]
	if !ok {
		return nil, fault.New(fault.NotFound, "there is no file %q", name)
	}
	return []byte(content), nil
}

func (o *outside) Write(name string, content []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files[name] = string(content)
	return nil
}

func (o *outside) Hash(password string) (string, error) {
	o.hashes.Add(1)
	return "hashed:" + password, nil
}

func (o *outside) Verify(stored, password string) (ok, outdated bool) {
	return stored == "hashed:"+password || stored == password, !strings.HasPrefix(stored, "hashed:")
}

// clock stands still until a test moves it, and ticks when a test says so.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	tickers map[time.Duration][]chan time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) Tick(every time.Duration) (ticks <-chan time.Time, stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	if c.tickers == nil {
		c.tickers = map[time.Duration][]chan time.Time{}
	}
	c.tickers[every] = append(c.tickers[every], ch)
	return ch, func() {}
}

func (c *clock) tick(every time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range c.tickers[every] {
		select {
		case ch <- c.now:
		default:
		}
	}
}

type identifiers struct {
	mu   sync.Mutex
	runs int
	n    int
}

func (i *identifiers) RunID() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.runs++
	return fmt.Sprintf("run-%06d", i.runs)
}

func (i *identifiers) Secret() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.n++
	return fmt.Sprintf("secret-%d", i.n)
}

type observer struct {
	mu      sync.Mutex
	runs    []string
	nodes   []string
	dropped int
	events  map[string]int // "event label"
	scripts int            // most that ran at once
}

func (o *observer) RequestDone(string, string, int, time.Duration) {}

func (o *observer) RunDone(workflow string, status ports.RunStatus, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.runs = append(o.runs, workflow+" "+string(status))
}

func (o *observer) NodeDone(nodeType string, code fault.Code, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.nodes = append(o.nodes, strings.TrimSpace(nodeType+" "+string(code)))
}

func (o *observer) Counted(event ports.Event, label string, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.events == nil {
		o.events = map[string]int{}
	}
	o.events[string(event)+" "+label] += n
	if event == ports.Dropped {
		o.dropped += n
	}
}

func (o *observer) Scripts(active, _ int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.scripts = max(o.scripts, active)
}

func (o *observer) counted(event ports.Event, label string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.events[string(event)+" "+label]
}

func (o *observer) done() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.runs)
}
