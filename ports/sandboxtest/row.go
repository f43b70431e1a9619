package sandboxtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// row is one script and what comes of it.
type row struct {
	name     string
	code     string // the body of a function, unless entry is set
	entry    string
	language node.Language
	payload  string // {"a":1} when empty
	locals   string
	limits   policy.Limits
	hard     bool // only an engine with a process of its own stops it
	greedy   bool // only one that bounds memory does

	want  string   // the payload, or a fault; see outcome; before a * at the end, its beginning
	next  string   // "output_1" when empty
	kept  string   // the locals; empty = not changed
	reply string   // see replyText; empty = none
	lines []string // console output
	calls []string // of the host
}

// slack is how late a script may be stopped on a busy machine whose tests check
// for races; the promise itself is measured elsewhere.
const slack = 10 * time.Second

// roomy bounds rows that say nothing about limits.
func roomy() policy.Limits {
	return policy.Limits{ScriptTime: 20 * time.Second, MemoryBytes: HardMemory, Operations: 100_000_000}
}

func (r row) call(h ports.Host) ports.ScriptCall {
	limits := roomy()
	if r.limits != (policy.Limits{}) {
		limits = r.limits
	}
	if limits.ScriptTime == 0 {
		limits.ScriptTime = roomy().ScriptTime
	}
	before := r.payload
	if before == "" {
		before = `{"a":1}`
	}
	call := ports.ScriptCall{
		Name:    "the script",
		Script:  node.Script{Code: r.code, Entry: r.entry, Language: r.language, Field: "data.script"},
		Payload: payload.Trusted([]byte(before)), Limits: limits, Host: h,
	}
	if r.locals != "" {
		call.Locals = payload.Trusted([]byte(r.locals))
	}
	return call
}

func (r row) test(t *testing.T, e ports.ScriptEngine) {
	t.Helper()
	h := &host{}
	call := r.call(h)
	start := time.Now()
	result, err := e.Run(context.Background(), call)
	if took := time.Since(start); took > call.Limits.ScriptTime+slack {
		t.Errorf("ended after %s, %s were allowed", took, call.Limits.ScriptTime)
	}
	got, want := outcome(result, err), r.want
	if begin, open := strings.CutSuffix(want, "*"); open && strings.HasPrefix(got, begin) {
		want = got
	}
	same(t, "outcome", got, want)
	same(t, "console", h.lines, r.lines)
	same(t, "host calls", h.calls, r.calls)
	if err != nil {
		return
	}
	next := r.next
	if next == "" {
		next = "output_1"
	}
	same(t, "next", result.Next, next)
	same(t, "locals", string(result.Locals.Bytes()), orNull(r.kept))
	same(t, "reply", replyText(result), r.reply)
}

func orNull(s string) string {
	if s == "" {
		return string(payload.Value{}.Bytes())
	}
	return s
}

// outcome is the payload, or what a fault says: its code, the limit, the place
// and the message.
func outcome(result node.ScriptResult, err error) string {
	f := fault.As(err)
	if f == nil {
		return string(result.Payload.Bytes())
	}
	text := string(f.Code)
	if f.Limit != "" {
		text += " " + f.Limit
	}
	if f.Line > 0 {
		text += fmt.Sprintf(" at %d:%d", f.Line, f.Column)
	}
	return text + ": " + f.Message
}

// replyText is status, headers in their order, and body.
func replyText(result node.ScriptResult) string {
	var b strings.Builder
	if result.Reply != nil {
		fmt.Fprintf(&b, "%d ", result.Reply.Status)
		for _, h := range result.Reply.Header {
			fmt.Fprintf(&b, "[%s: %s] ", h.Name, h.Value)
		}
		b.Write(result.Reply.Body)
	}
	for _, h := range result.Header {
		fmt.Fprintf(&b, " +[%s: %s]", h.Name, h.Value)
	}
	return b.String()
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
