package process

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	sdk "github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
)

// generation is one process of a plugin with its connection, from start to end.
// It never comes back; the next one is another generation.
type generation struct {
	launch  launch
	program *program
	link    *plugin.Client
	rpc     *sdk.Client
	dir     string
	since   time.Time
	empty   int64 // bytes of memory it used when it was ready

	tasks sync.WaitGroup // calls, those without a caller included

	mu     sync.Mutex
	reason string        // why it is dead; empty = it lives
	active int           // calls with a caller
	alone  bool          // it ended by itself during the only call
	ours   bool          // it was killed for a call that did not end
	dead   chan struct{} // closed with the first reason
	gone   chan struct{} // closed once nothing is left of it
}

// launch is how the processes of a plugin are started.
type launch struct {
	cfg     Config
	name    string
	dir     string // of the plugin
	path    string // of the artifact
	env     []string
	tls     bool
	limit   limits
	message int // bytes
	// concurrent calls at once.
	concurrent int
	spawner    *spawner
	guard      *guard
	log        *slog.Logger
}

// start brings up a process, or reports why there is none and leaves nothing.
// ctx bounds the start alone.
func (l launch) start(ctx context.Context) (*generation, error) {
	dir, err := os.MkdirTemp(l.dir, "")
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "plugin_host.run_dir cannot be used: %v", err)
	}
	g := &generation{launch: l, dir: dir, since: time.Now(), dead: make(chan struct{}), gone: make(chan struct{})}
	g.program = l.program(dir)
	g.link = plugin.NewClient(l.client(g))
	ctx, cancel := context.WithTimeout(ctx, l.cfg.StartTime)
	defer cancel()
	if err := g.connect(ctx); err != nil {
		g.clean()
		return nil, err
	}
	g.empty = usageOf(g.program.started()).private
	go g.watch()
	return g, nil
}

// client is the configuration for one start: go-plugin writes into it.
func (l launch) client(g *generation) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  sdk.Handshake(),
		Plugins:          sdk.Plugins(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         l.tls,
		SkipHostEnv:      true,
		StartTimeout:     l.cfg.StartTime,
		Logger:           hclog.NewNullLogger(),
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: g.dir},
		SyncStdout:       g.program.out, // a Go plugin's own, after its handshake
		SyncStderr:       g.program.err,
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(l.message), grpc.MaxCallSendMsgSize(l.message))},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, sockets string) (runner.Runner, error) {
			g.program.cmd.Env = append(slices.Clone(l.env), cmd.Env...) // the last of a name counts
			g.program.check.socketDir = sockets
			return g.program, nil
		},
	}
}

// program is the process itself, not started yet.
func (l launch) program(dir string) *program {
	path, args := l.path, []string{l.path}
	if h := l.cfg.Host; h != nil {
		name := h.Name
		if name == "" {
			name = h.Path
		}
		path, args = h.Path, slices.Concat([]string{name}, h.Args, []string{l.path})
	}
	return &program{
		cmd: &exec.Cmd{Path: path, Args: args, Dir: dir}, dir: dir, spawn: l.spawner, guard: l.guard,
		limit:  l.limit,
		check:  checker{version: sdk.ProtocolVersion, tls: l.tls},
		out:    &lines{log: l.log, stream: "stdout"},
		err:    &lines{log: l.log, stream: "stderr"},
		exited: make(chan struct{}),
	}
}

// connect starts the process and dials it.
func (g *generation) connect(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = g.program.Kill(ctx) }) // cannot fail
	defer stop()
	protocol, err := g.link.Client()
	if err != nil {
		return g.noStart(ctx, err)
	}
	raw, err := protocol.Dispense(sdk.PluginName)
	if err != nil {
		return g.noStart(ctx, err)
	}
	g.rpc, _ = raw.(*sdk.Client) // what sdk.Plugins promises
	if err := answers(ctx, protocol); err != nil {
		return g.noStart(ctx, err)
	}
	return nil
}

// answers makes sure that somebody is at the other end; gRPC connects late. The
// service it asks is one go-plugin wants of every plugin, but does not insist on.
func answers(ctx context.Context, protocol plugin.ClientProtocol) error {
	client, is := protocol.(*plugin.GRPCClient)
	if !is {
		return fault.New(fault.Internal, "go-plugin speaks %T", protocol)
	}
	_, err := healthpb.NewHealthClient(client.Conn).Check(ctx, &healthpb.HealthCheckRequest{Service: plugin.GRPCServiceName})
	if ctx.Err() != nil || status.Code(err) == codes.Unavailable {
		return err
	}
	return nil
}

// watch waits for the end, sees to it when the process takes too much memory,
// and clears up after it.
func (g *generation) watch() {
	ticker := time.NewTicker(g.launch.cfg.LookEvery)
	defer ticker.Stop()
	for ended := false; !ended; {
		select {
		case <-g.program.exited:
			ended = true
		case <-ticker.C:
			g.weigh()
		}
	}
	g.fail(g.program.ended(), itsOwn)
	g.clean()
	close(g.gone)
}

// weigh ends a process that uses more memory than it may.
func (g *generation) weigh() {
	most, pid := g.launch.limit.memory, g.program.started()
	if most <= 0 || pid == 0 {
		return
	}
	if used := usageOf(pid).private - g.empty; used > most {
		g.fail(fmt.Sprintf("it was killed because it used %d MiB of memory; plugins.memory_mb allows %d", used>>20, most>>20), itsOwn)
	}
}

// clean leaves nothing of a process.
func (g *generation) clean() {
	_ = g.program.Kill(context.Background()) // cannot fail
	if g.program.ID() != "" {
		<-g.program.exited
	}
	g.link.Kill()
	g.tasks.Wait()
	_ = os.RemoveAll(g.dir) // what stays goes with the plugin's directory
}

// end says whose doing the end of a process was.
type end bool

const (
	itsOwn end = true
	ours   end = false
)

// fail marks the process dead and kills it. The first reason counts.
func (g *generation) fail(reason string, whose end) {
	g.mu.Lock()
	if g.reason == "" {
		g.reason = reason
		g.alone, g.ours = whose == itsOwn && g.active == 1, whose == ours
		close(g.dead)
	}
	g.mu.Unlock()
	_ = g.program.Kill(context.Background()) // cannot fail
}

// close ends the process on purpose: gently, then not. ctx shortens the first.
func (g *generation) close(ctx context.Context) {
	g.mu.Lock()
	if g.reason == "" {
		g.reason = "it was closed"
		close(g.dead)
	}
	g.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, g.launch.cfg.CloseTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = g.program.Kill(ctx) }) // cannot fail
	defer stop()
	g.link.Kill()
	<-g.gone
}

// why is the reason of its death.
func (g *generation) why() (reason string, alone bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reason, g.alone
}

// stopped says that it was killed for a call that did not end.
func (g *generation) stopped() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ours
}

// begin counts a call, unless the process is dead.
func (g *generation) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reason != "" {
		return false
	}
	g.active++
	g.tasks.Add(1)
	return true
}

// left counts a call whose caller is gone.
func (g *generation) left() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.active--
}
