package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// programs tells what was to be started, or waits for the end of its time.
type programs struct{ waits bool }

func (p programs) Exec(ctx context.Context, c ports.Command) (ports.CommandResult, error) {
	if p.waits {
		<-ctx.Done()
		return ports.CommandResult{}, fault.Wrap(ctx.Err(), fault.Cancelled, "stopped")
	}
	return ports.CommandResult{ExitCode: 3, Stdout: fmt.Appendf(nil, "%s %q %s %d", c.Path, c.Args, c.Stdin, c.MaxOutput), Stderr: []byte("a\xff")}, nil
}

func (w *world) callable() *world {
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	return w
}

func TestExec(t *testing.T) {
	w := newWorld(t, func(d *app.Deps, c *app.Config) {
		d.Processes = programs{}
		c.Features.Executables = []string{"/bin/tool", "/bin/other"}
		c.Limits.ResponseBytes, c.Limits.PayloadBytes = 77, 1000
	}).callable()
	const help = `give program and arguments as a list, such as ["/usr/bin/convert", "a.png"]; no shell is used`
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{`["/bin/tool"]`}, `{"code":3,"stderr":"a` + "\uFFFD" + `","stdout":"/bin/tool []  77"}`},
		{[]string{`["/bin/tool","a b",1.5,""]`, `{"stdin":"in","timeout":0.5}`}, `{"code":3,"stderr":"a` + "\uFFFD" + `","stdout":"/bin/tool [\"a b\" \"1.5\" \"\"] in 77"}`},
		{[]string{`"/bin/tool a"`}, help},
		{nil, help},
		{[]string{`[]`}, help},
		{[]string{`[""]`}, help},
		{[]string{`{"path":"/bin/tool"}`}, help},
		{[]string{`["/bin/tool", ["a"]]`}, "item 2 of the list is not"},
		{[]string{`["/bin/tool", null]`}, "item 2 of the list is not"},
		{[]string{`["/bin/rm"]`}, `exec: "/bin/rm" is not in vm_pool.allowed_executables`},
		{[]string{`["tool"]`}, "vm_pool.allowed_executables"},
		{[]string{`["/bin/../bin/tool"]`}, "vm_pool.allowed_executables"},
		{[]string{`["/bin/tool"]`, `"fast"`}, "argument 2 (options) must be an object"},
		{[]string{`["/bin/tool"]`, `{"shell":true}`}, `there is no option "shell"; known are stdin and timeout`},
		{[]string{`["/bin/tool"]`, `{"stdin":{}}`}, "stdin must be a text"},
		{[]string{`["/bin/tool"]`, `{"stdin":"` + strings.Repeat("x", 1001) + `"}`}, "limit_exceeded: exec: stdin has more than 1000 bytes"},
		{[]string{`["/bin/tool"]`, `{"timeout":"5"}`}, "timeout must be a number of seconds above 0"},
		{[]string{`["/bin/tool"]`, `{"timeout":0}`}, "timeout must be a number of seconds above 0"},
	} {
		if got := w.called(t, "exec", tt.args...); !strings.Contains(got, tt.want) {
			t.Errorf("%.60s: got %s, want %s", tt.args, got, tt.want)
		}
	}
}

func TestExecTimeout(t *testing.T) {
	w := newWorld(t, func(d *app.Deps, c *app.Config) {
		d.Processes, c.Features.Executables = programs{waits: true}, []string{"/bin/tool"}
	}).callable()
	if got := w.called(t, "exec", `["/bin/tool"]`, `{"timeout":0.01}`); got != `upstream_timeout: exec: "/bin/tool" took longer than 10ms and was ended` {
		t.Errorf("got %s", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.engine.on("leave();", func(run context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		cancel()
		_, err := call.Host.Call(run, "exec", list(t, `["/bin/tool"]`, `{"timeout":1000}`))
		return node.ScriptResult{}, err
	})
	w.publish("y", doc(start("s", "ANY", "/leave", "output_1>a"), js("a", "leave();", "")))
	if _, err := w.Serve(ctx, get("/leave")); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
}
