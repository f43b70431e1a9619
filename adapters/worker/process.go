package worker

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/confine"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/trail"
)

// process is one worker process, used by one script at a time.
type process struct {
	cmd    *exec.Cmd
	in     *os.File // frames to the process
	out    *os.File // frames from it
	writer *protocol.Writer
	frames *protocol.Reader
	frame  protocol.Frame
	trail  *trail.Trail // nil when the platform has none
	stderr *tail
	report confine.Report
	// retired is set when the process says that it should not be used again.
	retired bool

	sources sources
	alarm   alarm
	since   time.Time // when it began to wait for work

	mu     sync.Mutex
	killed string        // why we killed it; empty = we did not
	dead   chan struct{} // closed once the process is gone
	peak   int64         // bytes of memory it used at most, once it is gone
}

// helloBytes bounds the first frame of a process.
const helloBytes = 64 << 10

// newProcess starts a process of a pool and waits until it is ready.
func newProcess(pool *Pool) (*process, error) {
	cfg := pool.cfg
	p := &process{stderr: &tail{}, dead: make(chan struct{})}
	p.alarm.ring, p.alarm.slow = p.kill, p.makeWay
	if err := p.start(cfg, pool.spawner); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", cfg.Path, err)
	}
	if !pool.started(p) {
		p.kill(reasonQuit)
	}
	pool.tasks.Go(func() {
		p.reap()
		pool.gone(p)
	})
	if pool.polite {
		p.makeWay()
	}
	if err := p.greet(cfg); err != nil {
		p.kill(reasonStart)
		<-p.dead
		p.release()
		return nil, fmt.Errorf("%w; %s, it said %q", err, p.cmd.ProcessState, p.stderr.String())
	}
	if pool.polite && !p.comeBack() {
		p.retired = true
	}
	return p, nil
}

// greet waits for the process to say that it is ready.
func (p *process) greet(cfg Config) error {
	p.alarm.begin(cfg.StartTime, cfg.StartTime, reasonStart)
	kind, body, err := p.frames.Next()
	p.alarm.end()
	if err != nil {
		return err
	}
	if kind != protocol.Hello {
		return errBroken
	}
	if p.report, err = confine.ReadReport(body.Raw()); err != nil {
		return err
	}
	if cfg.RequireHardening && !p.report.Complete() {
		return fmt.Errorf("vm_pool.require_hardening is set, but worker processes cannot be confined completely: %s", p.report)
	}
	return nil
}

func (p *process) start(cfg Config, s *spawner) (err error) {
	var files []*os.File
	defer func() {
		for _, f := range files {
			_ = f.Close() // the child has its own, or there is none
		}
		if err != nil {
			p.release()
		}
	}()
	fromParent, in, err := os.Pipe()
	if err != nil {
		return err
	}
	p.in, files = in, append(files, fromParent)
	out, toParent, err := os.Pipe()
	if err != nil {
		return err
	}
	p.out, files = out, append(files, toParent)
	p.cmd = exec.Command(cfg.Path, cfg.Args...) //nolint:gosec,noctx // G204: our own binary; its life is not a request's
	if cfg.Name != "" {
		p.cmd.Args[0] = cfg.Name
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = fromParent, toParent, p.stderr
	p.cmd.Env, p.cmd.Dir = append(confine.Env(), cfg.Env...), "/"
	p.cmd.SysProcAttr = confine.ProcAttr()
	t, shared, err := trail.New()
	switch {
	case err == nil:
		p.trail, files = t, append(files, shared)
		p.cmd.ExtraFiles = []*os.File{shared}
	case !errors.Is(err, errors.ErrUnsupported):
		return err
	}
	p.writer = protocol.NewWriter(p.in)
	p.frames = protocol.NewReader(p.out, helloBytes)
	s.do(func() { err = p.cmd.Start() })
	return err
}

// reap waits for the end of the process, so that no zombie stays.
func (p *process) reap() {
	_ = p.cmd.Wait() // how it ended is in ProcessState
	p.peak = confine.PeakMemory(p.cmd.ProcessState)
	close(p.dead)
}

// kill ends the process at once. The first reason counts.
func (p *process) kill(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed == "" {
		p.killed = reason
		_ = p.cmd.Process.Kill() // it may be gone already
	}
}

func (p *process) isDead() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

func (p *process) killedFor() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// quit asks an idle process to end, and makes it.
func (p *process) quit(patience time.Duration) {
	_ = p.in.Close() // which is the request
	timer := time.AfterFunc(patience, func() { p.kill(reasonQuit) })
	<-p.dead
	timer.Stop()
	p.release()
}

// release gives back what belongs to a process that is gone.
func (p *process) release() {
	for _, f := range []*os.File{p.in, p.out} {
		if f != nil {
			_ = f.Close() // nobody is at the other end any more
		}
	}
	if p.trail != nil {
		_ = p.trail.Close() // only memory
	}
}

// Why processes are killed, as metrics show it, besides the limits' keys.
const (
	reasonStart     = "start"
	reasonQuit      = "quit"
	reasonCancelled = "cancelled"
	reasonProtocol  = "protocol"
	reasonCheck     = "check"
	reasonStayed    = "stayed"
	reasonDenied    = "denied" // by the kernel: what only an escape would do
)
