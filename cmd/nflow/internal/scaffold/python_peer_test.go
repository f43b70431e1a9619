package scaffold_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// pythonPeer is a plugin behind go-plugin's own client.
type pythonPeer struct {
	client  *goplugin.Client
	rpc     goplugin.ClientProtocol
	plugin  *process.Client
	said    *journal
	command *exec.Cmd
}

// journal keeps what a plugin prints.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// patience is for what comes at some time on a busy machine.
const patience = 30 * time.Second

// startPython starts a program in an environment that holds nothing else.
func startPython(t testing.TB, program string, env ...string) *pythonPeer {
	t.Helper()
	p, err := tryPython(t, program, env...)
	if err != nil {
		t.Fatalf("start %s: %v\n%s", program, err, p.said)
	}
	return p
}

func tryPython(t testing.TB, program string, env ...string) (*pythonPeer, error) {
	t.Helper()
	p := &pythonPeer{said: &journal{}, command: exec.Command(program)}
	p.command.Env = append([]string{"PLUGIN_UNIX_SOCKET_DIR=" + socketDir(t)}, env...)
	p.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: process.Handshake(), Plugins: process.Plugins(), Cmd: p.command, SkipHostEnv: true,
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, StartTimeout: patience,
		Stderr: p.said, Logger: hclog.New(&hclog.LoggerOptions{Output: io.Discard}),
	})
	t.Cleanup(p.client.Kill)
	var err error
	if p.rpc, err = p.client.Client(); err != nil {
		return p, err
	}
	raw, err := p.rpc.Dispense(process.PluginName)
	if err != nil {
		return p, err
	}
	p.plugin = raw.(*process.Client)
	return p, nil
}

// socketDir is a directory whose path is short enough for a socket.
func socketDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nflow-py-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		left, _ := filepath.Glob(filepath.Join(dir, "*"))
		left = slices.DeleteFunc(left, func(name string) bool { return filepath.Base(name) == "lock" }) // servers share it
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		_ = os.RemoveAll(dir)
	})
	return dir
}

func (p *pythonPeer) exchange(t testing.TB, request wire.Frame, host hostFunc) wire.Frame {
	t.Helper()
	f, err := p.try(t, request, host)
	if err != nil {
		t.Fatalf("call with %.200q: %v\n%s", request.Header, err, p.said)
	}
	return f
}

// try makes a call with the RPC of its operation.
func (p *pythonPeer) try(t testing.TB, request wire.Frame, host hostFunc) (wire.Frame, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var h wire.Request
	_ = json.Unmarshal(request.Header, &h) // it may be anything
	switch h.Op {
	case wire.Describe:
		return p.plugin.Describe(ctx)
	case wire.Configure:
		return p.plugin.Configure(ctx, request.Payload)
	}
	if host == nil {
		host = memory(new([]string))
	}
	i, err := p.plugin.Invoke(ctx, request, host)
	if err != nil {
		return wire.Frame{}, err
	}
	return i.Result()
}
