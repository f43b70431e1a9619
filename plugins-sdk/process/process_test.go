package process_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// early prints before main does anything, as some libraries do.
var early = func() int { n, _ := fmt.Println("1|1|tcp|127.0.0.1:1|grpc|"); return n }()

// TestMain plays the plugin when nFlow started this program.
func TestMain(m *testing.M) {
	if os.Getenv(process.CookieKey) != "" || os.Getenv("PLAY_PLUGIN") != "" {
		process.Serve(probe{})
		return
	}
	goleak.VerifyTestMain(m)
}

// probe is a handler that does what the name of the call says.
type probe struct{}

func (probe) Call(ctx context.Context, request wire.Frame, host func(context.Context, wire.Frame) wire.Frame) wire.Frame {
	var r wire.Request
	if err := json.Unmarshal(request.Header, &r); err != nil {
		return wire.Failure(&wire.Error{Code: wire.InvalidArgument, Message: err.Error()})
	}
	switch string(r.Op) + " " + r.Name {
	case "describe ":
		return frame(fmt.Sprintf(`{"name":"probe","version":"1.0.0","pid":%d}`, os.Getpid()))
	case "configure ":
		return wire.Frame{Header: []byte(`{}`), Payload: request.Payload}
	case "function panic":
		panic("ouch")
	case "function print":
		fmt.Println("printed")
		return frame("true")
	case "function exit":
		fmt.Fprint(os.Stderr, "these are my last words")
		os.Exit(3)
	case "function wait":
		<-ctx.Done()
		return wire.Failure(&wire.Error{Code: wire.Cancelled, Message: "stopped"})
	case "function host":
		return host(ctx, wire.Frame{Header: []byte(`{"method":"echo"}`), Payload: request.Payload})
	case "function impatient":
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		first := host(short, wire.Frame{Payload: []byte(`"slow"`)})
		second := host(ctx, wire.Frame{Payload: []byte(`"quick"`)})
		return wire.Frame{Header: first.Header, Payload: second.Payload}
	case "function parallel":
		return parallel(ctx, host)
	}
	return wire.Frame{Header: []byte(`{}`), Payload: request.Payload}
}

// parallel makes host calls at the same time and counts the right answers.
func parallel(ctx context.Context, host func(context.Context, wire.Frame) wire.Frame) wire.Frame {
	var wg sync.WaitGroup
	right := make([]bool, 50)
	for i := range right {
		wg.Go(func() {
			text := fmt.Sprint(i)
			right[i] = string(host(ctx, wire.Frame{Payload: []byte(text)}).Payload) == text
		})
	}
	wg.Wait()
	n := 0
	for _, ok := range right {
		if ok {
			n++
		}
	}
	return frame(fmt.Sprint(n))
}

func frame(payload string) wire.Frame {
	return wire.Frame{Header: []byte(`{}`), Payload: []byte(payload)}
}

func call(name, payload string) wire.Frame {
	return wire.Frame{Header: []byte(`{"op":"function","name":"` + name + `"}`), Payload: []byte(payload)}
}

// output collects what a plugin prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts this program as a plugin, with the client of go-plugin itself.
func start(t *testing.T) (*process.Client, *goplugin.Client, *output) {
	t.Helper()
	sockets, err := os.MkdirTemp("", "s") // paths of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	out := &output{}
	c := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: process.Handshake(), Plugins: process.Plugins(),
		Cmd: exec.Command(os.Args[0]), AutoMTLS: true, SkipHostEnv: true,
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: sockets},
		Logger:           hclog.NewNullLogger(), Stderr: out, SyncStdout: out, SyncStderr: out,
	})
	t.Cleanup(c.Kill)
	protocol, err := c.Client()
	if err != nil {
		t.Fatalf("start: %v\n%s", err, out)
	}
	raw, err := protocol.Dispense(process.PluginName)
	if err != nil {
		t.Fatal(err)
	}
	client, ok := raw.(*process.Client)
	if !ok {
		t.Fatalf("dispensed a %T", raw)
	}
	return client, c, out
}

func echo(_ context.Context, request wire.Frame) wire.Frame {
	return wire.Frame{Header: []byte(`{}`), Payload: request.Payload}
}

// ask makes a call and waits for its result.
func ask(t *testing.T, c *process.Client, request wire.Frame, host func(context.Context, wire.Frame) wire.Frame) wire.Frame {
	t.Helper()
	i, err := c.Invoke(t.Context(), request, host)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := i.Result()
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestCalls(t *testing.T) {
	if early == 0 {
		t.Error("nothing was printed early")
	}
	client, _, _ := start(t)
	described, err := client.Describe(t.Context())
	if err != nil || !strings.HasPrefix(string(described.Payload), `{"name":"probe"`) {
		t.Errorf("describe: %s, %v", described.Payload, err)
	}
	configured, err := client.Configure(t.Context(), []byte(`{"a":1}`))
	if err != nil || string(configured.Payload) != `{"a":1}` {
		t.Errorf("configure: %s, %v", configured.Payload, err)
	}
	big := `"` + strings.Repeat("x", 8<<20) + `"`
	for _, tt := range []struct{ name, payload, header, want string }{
		{"echo", `"ñ"`, `{}`, `"ñ"`},
		{"echo", big, `{}`, big},
		{"echo", ``, `{}`, ``},
		{"host", `[1]`, `{}`, `[1]`},
		{"parallel", ``, `{}`, `50`},
		{"panic", ``, `{"error":{"code":"internal","message":"the plugin panicked: ouch"}}`, ``},
		{"echo", `"afterwards"`, `{}`, `"afterwards"`},
	} {
		answer := ask(t, client, call(tt.name, tt.payload), echo)
		if string(answer.Header) != tt.header || string(answer.Payload) != tt.want {
			t.Errorf("%s: %s %.100s, want %s %.100s", tt.name, answer.Header, answer.Payload, tt.header, tt.want)
		}
	}
}

// TestALateResultIsNotThatOfTheNextHostCall gives a host call up and makes
// another one.
func TestALateResultIsNotThatOfTheNextHostCall(t *testing.T) {
	client, _, _ := start(t)
	answer := ask(t, client, call("impatient", ""), func(_ context.Context, r wire.Frame) wire.Frame {
		if string(r.Payload) == `"slow"` {
			time.Sleep(100 * time.Millisecond) // longer than the plugin waits
		}
		return wire.Frame{Header: []byte(`{}`), Payload: r.Payload}
	})
	if diff := cmp.Diff(`{"error":{"code":"deadline_exceeded","message":"the time for the host call is over"}} "quick"`, string(answer.Header)+" "+string(answer.Payload)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// TestLastWords wants what a program prints before it ends at once.
func TestLastWords(t *testing.T) {
	client, plugin, out := start(t)
	i, err := client.Invoke(t.Context(), call("exit", ""), echo)
	if err == nil {
		_, err = i.Result()
	}
	plugin.Kill() // which waits for its end
	if err == nil || !strings.Contains(out.String(), "my last words") {
		t.Errorf("error %v, printed %q", err, out)
	}
}

func TestCancellation(t *testing.T) {
	client, _, _ := start(t)
	t.Run("told", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		i, err := client.Invoke(ctx, call("wait", ""), echo)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := i.Result(); err == nil {
			t.Error("a cancelled call has a result")
		}
		ended(t, i)
	})
	t.Run("aborted", func(t *testing.T) {
		i, err := client.Invoke(t.Context(), call("wait", ""), echo)
		if err != nil {
			t.Fatal(err)
		}
		i.Abort()
		if _, err := i.Result(); err == nil {
			t.Error("an aborted call has a result")
		}
	})
	t.Run("in a host call", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		i, err := client.Invoke(ctx, call("host", "1"), func(ctx context.Context, _ wire.Frame) wire.Frame {
			cancel()
			<-ctx.Done()
			return wire.Frame{Header: []byte(`{}`)}
		})
		if err != nil {
			t.Fatal(err)
		}
		ended(t, i)
	})
}

func ended(t *testing.T, i *process.Invocation) {
	t.Helper()
	select {
	case <-i.Ended():
	case <-time.After(20 * time.Second):
		t.Fatal("the plugin never ended the call")
	}
}

// TestTheHostCallEndsWithThePlugin kills the plugin while the host works for it.
func TestTheHostCallEndsWithThePlugin(t *testing.T) {
	client, c, _ := start(t)
	i, err := client.Invoke(t.Context(), call("host", "1"), func(ctx context.Context, _ wire.Frame) wire.Frame {
		c.Kill()
		<-ctx.Done()
		return wire.Frame{}
	})
	if err != nil {
		t.Fatal(err)
	}
	ended(t, i)
	if _, err := i.Result(); err == nil {
		t.Error("a killed plugin gave a result")
	}
}

func TestWhatIsPrintedGoesToTheLog(t *testing.T) {
	client, _, out := start(t)
	_ = ask(t, client, call("print", ""), echo)
	_ = ask(t, client, call("panic", ""), echo)
	until := time.Now().Add(20 * time.Second)
	for !strings.Contains(out.String(), "printed") || !strings.Contains(out.String(), "panic: ouch") || !strings.Contains(out.String(), "probe.Call") {
		if time.Now().After(until) {
			t.Fatalf("the log lacks it:\n%s", out)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestStartedByHand(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{"PLAY_PLUGIN=1"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("exit: %v, want 1", err)
	}
	for _, want := range []string{"the nFlow plugin probe 1.0.0", "[[plugins]]", `name = "probe"`, filepath.Base(os.Args[0])} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &stderr)
		}
	}
}
