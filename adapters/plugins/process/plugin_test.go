//go:build linux

package process_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	sdk "github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// TestMain is also the plugin the tests run, and the server one of them kills.
func TestMain(m *testing.M) {
	switch os.Getenv("PLAY") {
	case "plugin":
		play()
		sdk.Serve(&actor{})
		return
	case "server":
		serve()
		return
	}
	if os.Getenv("NFLOW_PLUGIN_SPEC") != "" {
		sdk.Serve(&actor{})
		return
	}
	goleak.VerifyTestMain(m)
}

// play is what a plugin may do before it serves.
func play() {
	name := os.Getenv("ONLY_ONCE")
	if name == "" {
		return
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, "not this time")
		os.Exit(4)
	}
	f.Close()
}

// actor does what the name of a call says.
type actor struct {
	mu       sync.Mutex
	settings []byte
	kept     [][]byte
}

type hostFunc func(context.Context, wire.Frame) wire.Frame

func (a *actor) Call(ctx context.Context, request wire.Frame, host func(context.Context, wire.Frame) wire.Frame) wire.Frame {
	var r wire.Request
	if err := json.Unmarshal(request.Header, &r); err != nil {
		return wire.Failure(&wire.Error{Code: wire.InvalidArgument, Message: err.Error()})
	}
	switch r.Op {
	case wire.Describe:
		return wire.Frame{Header: []byte("{}"), Payload: []byte(`{"name":"actor"}`)}
	case wire.Configure:
		if strings.Contains(string(request.Payload), "hang") {
			select {}
		}
		if strings.Contains(string(request.Payload), "bad") {
			return wire.Failure(&wire.Error{Code: wire.InvalidArgument, Message: "bad settings"})
		}
		if _, err := os.Stat(os.Getenv("REFUSE")); err == nil {
			return wire.Failure(&wire.Error{Code: wire.InvalidArgument, Message: "not any more"})
		}
		a.mu.Lock()
		a.settings = request.Payload
		a.mu.Unlock()
		return wire.Frame{Header: []byte("{}")}
	}
	command, rest, _ := strings.Cut(r.Name, " ")
	payload, err := a.do(ctx, command, rest, request, host)
	if err != nil {
		return wire.Failure(&wire.Error{Code: wire.Internal, Message: err.Error()})
	}
	return wire.Frame{Header: []byte("{}"), Payload: payload}
}

func (a *actor) do(ctx context.Context, command, rest string, request wire.Frame, host hostFunc) ([]byte, error) {
	switch command {
	case "echo":
		return request.Payload, nil
	case "settings":
		return a.given(), nil
	case "hostcalls":
		n, _ := strconv.Atoi(rest)
		for range n {
			answer := host(ctx, wire.Frame{Header: []byte(`{"method":"kv.get"}`), Payload: []byte(`{"space":"s","key":"k"}`)})
			if string(answer.Payload) != `{"found":false}` {
				return nil, fmt.Errorf("the host answered %s %s", answer.Header, answer.Payload)
			}
		}
		return request.Payload, nil
	case "crash":
		_, _ = unix.Write(2, []byte("now it crashes\n")) // os.Stderr is sent by gRPC, perhaps never
		os.Exit(3)
	case "panic":
		go panic("no way")
		select {}
	case "stubborn":
		select {}
	case "polite":
		<-ctx.Done()
		return nil, ctx.Err()
	case "abusive":
		<-ctx.Done()
		host(context.Background(), wire.Frame{Header: []byte(`{"method":"kv.get"}`), Payload: []byte(`{}`)})
		return nil, ctx.Err()
	case "sleep":
		d, _ := time.ParseDuration(rest)
		time.Sleep(d)
		return request.Payload, nil
	case "big":
		n, _ := strconv.Atoi(rest)
		return []byte(`"` + strings.Repeat("x", n) + `"`), nil
	}
	return a.look(command, rest)
}

func (a *actor) given() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.settings
}

func (a *actor) look(command, rest string) ([]byte, error) {
	switch command {
	case "memory":
		text, err := os.ReadFile("/proc/self/status")
		_, after, _ := strings.Cut(string(text), "VmData:")
		return []byte(strconv.Quote(strings.TrimSpace(after[:min(len(after), 16)]))), err
	case "pid":
		return json.Marshal(os.Getpid())
	case "env":
		return json.Marshal(os.Environ())
	case "args":
		return json.Marshal(os.Args)
	case "where":
		dir, err := os.Getwd()
		if err != nil {
			return nil, err
		}
		exe, err := os.Readlink("/proc/self/exe")
		if err != nil {
			return nil, err
		}
		return json.Marshal([]string{dir, exe})
	case "print":
		n, _ := strconv.Atoi(rest)
		for i := range n {
			fmt.Println("printed", i)
			fmt.Fprintln(os.Stderr, "complained", i)
		}
		return nil, nil
	case "limits":
		all := map[string]unix.Rlimit{}
		for name, r := range map[string]int{"core": unix.RLIMIT_CORE, "files": unix.RLIMIT_NOFILE, "data": unix.RLIMIT_DATA} {
			var l unix.Rlimit
			if err := unix.Prlimit(0, r, nil, &l); err != nil {
				return nil, err
			}
			all[name] = l
		}
		return json.Marshal(all)
	case "eat":
		n, _ := strconv.Atoi(rest)
		for range n {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			a.kept = append(a.kept, b)
		}
		return nil, nil
	case "fork":
		cmd := exec.Command("/bin/sleep", "1000")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: rest == "away"}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		return json.Marshal(cmd.Process.Pid)
	}
	return nil, fmt.Errorf("unknown command %q", command)
}
