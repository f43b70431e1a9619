package goja

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// fakeHost is a host made of maps, which remembers what it was asked.
type fakeHost struct {
	globals   map[string]string // name -> JSON
	functions map[string]func(ctx context.Context, args []payload.Value) (payload.Value, error)
	modules   map[string]node.Script
	files     map[string]string
	request   *ports.Inbound

	mu    sync.Mutex
	calls []string // "name(arg,arg)"
	asked []string // globals asked for
	lines []string // "level: line"
}

var _ ports.Host = (*fakeHost)(nil)

func (h *fakeHost) Call(ctx context.Context, name string, args []payload.Value) (payload.Value, error) {
	text := name + "("
	for i, a := range args {
		if i > 0 {
			text += ","
		}
		text += string(a.Bytes())
	}
	h.mu.Lock()
	h.calls = append(h.calls, text+")")
	h.mu.Unlock()
	if f, ok := h.functions[name]; ok {
		return f(ctx, args)
	}
	if name == readFile {
		content, ok := h.files[args[0].String()]
		if !ok {
			return payload.Value{}, fault.New(fault.NotFound, "there is no file %q", args[0].String())
		}
		return payload.Text(base64.StdEncoding.EncodeToString([]byte(content))), nil
	}
	return payload.Value{}, nil
}

func (h *fakeHost) Global(name string) (payload.Value, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, name)
	v, ok := h.globals[name]
	return payload.Trusted([]byte(v)), ok
}

func (h *fakeHost) Request() *ports.Inbound { return h.request }

func (h *fakeHost) Module(_ context.Context, name string) (node.Script, error) {
	if s, ok := h.modules[name]; ok {
		return s, nil
	}
	return node.Script{}, fault.New(fault.NotFound, "no module %q", name)
}

func (h *fakeHost) Log(level, line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, level+": "+line)
}

// answers makes a host function with a fixed JSON answer.
func answers(text string) func(context.Context, []payload.Value) (payload.Value, error) {
	return func(context.Context, []payload.Value) (payload.Value, error) {
		return payload.Trusted([]byte(text)), nil
	}
}

// fails makes a host function with a fixed fault.
func fails(f *fault.Fault) func(context.Context, []payload.Value) (payload.Value, error) {
	return func(context.Context, []payload.Value) (payload.Value, error) { return payload.Value{}, f }
}

// hostFunctions are the names the test engines hand to the host.
func hostFunctions() []string {
	return []string{
		"http_get", "template", "mustache", "get_session", "set_profile", "get_profile", "exist_profile", "delete_profile",
		"file_to_string", "get_template", "echo",
	}
}

func testEngine() *Engine {
	return New(Config{
		Functions: hostFunctions(),
		Marks:     true,
		Now:       func() time.Time { return time.Date(2024, 2, 29, 13, 14, 15, 16, time.UTC) },
	})
}

// scriptCall is one run in a test; the zero values are sensible.
type scriptCall struct {
	code, entry, payload, locals, name, field string
	language                                  node.Language
	limits                                    policy.Limits
	host                                      *fakeHost
}

func (c scriptCall) run(t testing.TB, e *Engine) (node.ScriptResult, error) {
	t.Helper()
	return c.runWith(context.Background(), e)
}

func (c scriptCall) runWith(ctx context.Context, e *Engine) (node.ScriptResult, error) {
	if c.host == nil {
		c.host = &fakeHost{}
	}
	if c.limits.ScriptTime == 0 {
		c.limits.ScriptTime = 5 * time.Second
	}
	if c.limits.Operations == 0 { // counted, as in production; negative = plain
		c.limits.Operations = 1 << 40
	}
	return e.Run(ctx, ports.ScriptCall{
		Name:    c.name,
		Script:  node.Script{Code: c.code, Entry: c.entry, Language: c.language, Field: c.field},
		Payload: payload.Trusted([]byte(c.payload)),
		Locals:  payload.Trusted([]byte(c.locals)),
		Limits:  c.limits,
		Host:    c.host,
	})
}

// body runs code as a body and returns the payload as text, or the error.
func body(t testing.TB, code string, host *fakeHost) string {
	t.Helper()
	return outcome(scriptCall{code: code, payload: `{"a":1}`, host: host}.run(t, testEngine()))
}

func outcome(result node.ScriptResult, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return string(result.Payload.Bytes())
}

// wantFault checks code and place of an error and returns the fault.
func wantFault(t testing.TB, err error, code fault.Code, line, column int) *fault.Fault {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a fault with code %s", err, code)
	}
	if f.Code != code || f.Line != line || f.Column != column {
		t.Fatalf("got %s at %d:%d (%s), want %s at %d:%d", f.Code, f.Line, f.Column, f.Message, code, line, column)
	}
	return f
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(b)
}

// errorChain is the text of an error and all its causes.
func errorChain(err error) string {
	text := ""
	for ; err != nil; err = errors.Unwrap(err) {
		text += err.Error() + "\n"
	}
	return text
}

type ctxType = context.Context

func mainScript(code string) node.Script { return node.Script{Code: code} }
