//go:build linux

package worker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/worker"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/child"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/confine"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/trail"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// TestMain is also the program of the worker processes: with an argument it
// serves scripts that are small commands, see engine.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve-parent" {
		serveParent()
	}
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "serve") {
		os.Exit(serve(os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

func serve(args []string) int {
	memory := int64(0)
	if len(args) > 1 {
		memory, _ = strconv.ParseInt(args[1], 10, 64)
	}
	where, err := trail.Open(os.NewFile(3, "trail"))
	if err != nil || confine.WarmUp() != nil {
		return 1
	}
	for fd := range 2 {
		_ = syscall.SetNonblock(fd, true)
	}
	in, out := os.NewFile(0, "in"), os.NewFile(1, "out")
	var report []byte
	if args[0] == "serve" {
		report, _ = json.Marshal(confine.Apply(confine.Config{Keep: []int{0, 1, 2}, MemoryBytes: memory}))
	} else {
		report = []byte(`{"measures":[{"name":"seccomp","ok":false,"detail":"refused"}]}`)
	}
	err = child.Serve(child.Config{
		In: in, Out: out, Engine: engine{out}, At: where.At, Report: report,
		Heap: child.NewHeap(memory, exceed), Gone: func() { os.Exit(3) },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// serveParent has three processes, one of them busy, and stays until killed.
func serveParent() {
	p, err := worker.New(worker.Config{
		Path: os.Args[0], Args: []string{"serve", "0"}, MaxSize: 3, Preload: 3,
		Observer: &observer{counts: map[string]int{}}, Log: slog.Default(),
	})
	if err != nil {
		panic(err)
	}
	call := script("log x\nspin")
	call.Limits.ScriptTime = time.Hour
	go func() { _, _ = p.Run(context.Background(), call) }()
	for s := p.Stats(); s.Live < 3 || s.Idle != 2; s = p.Stats() {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("busy")
	select {}
}

func exceed() {
	fmt.Fprintln(os.Stderr, "fatal error: out of memory")
	os.Exit(2)
}

// engine runs scripts that are lines of commands, so that the pool is tested
// with exactly the behaviour a row names.
type engine struct{ out *os.File }

func (engine) Check(_ context.Context, s node.Script) ([]policy.Finding, error) {
	switch s.Code {
	case "spin":
		spin()
	case "bad":
		return nil, fault.New(fault.Invalid, "does not parse").AtLine(2, 3).AtField(s.Field)
	}
	return []policy.Finding{{Rule: "r", Severity: policy.High, Message: "m", Line: 1, Column: 2}}, nil
}

func (e engine) Run(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
	result := node.ScriptResult{Payload: call.Payload, Next: call.Script.Entry, Locals: call.Locals}
	for line := range strings.Lines(call.Script.Code) {
		command, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if err := e.do(ctx, call, &result, command, rest); err != nil {
			return node.ScriptResult{}, err
		}
	}
	return result, nil
}

func (e engine) do(ctx context.Context, call ports.ScriptCall, result *node.ScriptResult, command, rest string) error {
	switch command {
	case "at":
		call.At("", len(rest), 7)
	case "spin":
		spin()
	case "wait":
		<-ctx.Done()
		return fault.Wrap(ctx.Err(), fault.Cancelled, "stopped softly")
	case "allocate":
		n, _ := strconv.Atoi(rest)
		keep := make([]byte, n<<20)
		for i := 0; i < len(keep); i += 4096 {
			keep[i] = 1
		}
	case "grow":
		for {
			grown = append(grown, make([]byte, 1<<16))
		}
	case "overflow":
		recurse(1)
	case "escape":
		_, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		return err
	case "crash":
		panic("crash " + rest)
	case "exit":
		os.Exit(0)
	case "garbage":
		_, _ = e.out.WriteString("this is no frame at all, and a long one")
	case "next", "global", "call", "module", "request", "log", "reply":
		return e.ask(ctx, call, result, command, rest)
	}
	return nil
}

func (engine) ask(ctx context.Context, call ports.ScriptCall, result *node.ScriptResult, command, rest string) (err error) {
	switch command {
	case "next":
		result.Next = rest
	case "global":
		v, ok := call.Host.Global(rest)
		if !ok {
			v = payload.Text("none")
		}
		result.Payload = v
	case "call":
		result.Payload, err = call.Host.Call(ctx, rest, []payload.Value{call.Payload, payload.Text("two")})
	case "module":
		var s node.Script
		s, err = call.Host.Module(ctx, rest)
		result.Payload = payload.Text(s.Code)
	case "request":
		if in := call.Host.Request(); in != nil {
			result.Payload = payload.Text(in.Method + " " + in.Path)
		}
	case "log":
		call.Host.Log("warn", rest)
	case "reply":
		result.Reply = &node.Reply{Status: 418, Header: []node.Header{{Name: "A", Value: "b"}}, Body: []byte(rest)}
		result.Header = []node.Header{{Name: "C", Value: "d"}}
	}
	return err
}

// grown is what a script that grows keeps.
var grown [][]byte

func spin() {
	for i := 0; ; i++ {
		_ = i
	}
}

func recurse(n int) int {
	var big [1024]int
	if n < 0 {
		return 0
	}
	big[n%1024] = n
	return recurse(n+1) + big[(n+1)%1024]
}
