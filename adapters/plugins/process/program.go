package process

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// program is one process of a plugin, as go-plugin wants it.
type program struct {
	cmd   *exec.Cmd
	spawn *spawner
	guard *guard
	limit limits
	check checker
	dir   string // its own; what it starts is known by it
	// out and err get what it prints after its handshake.
	out, err *lines

	stdout, stderr *os.File       // our ends
	first          *io.PipeReader // the handshake, for go-plugin
	firstIn        *io.PipeWriter
	pumps          sync.WaitGroup
	exited         chan struct{} // closed once nothing is left of it

	mu     sync.Mutex
	pid    int // of the leader of its group; 0 = not started, or gone
	id     string
	killed bool
	ready  bool  // its handshake was good
	wrong  error // about its handshake
}

var _ runner.Runner = (*program)(nil)

// lateOutput is how long what a dead process printed is still read, when
// somebody it started holds the pipe.
const lateOutput = 100 * time.Millisecond

// Start implements runner.Runner.
func (p *program) Start(context.Context) (err error) {
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close() // the child has its own, or there is none
		}
		if err != nil {
			p.closeFiles()
		}
	}()
	out, outIn, err := os.Pipe()
	if err != nil {
		return err
	}
	p.stdout, theirs = out, append(theirs, outIn)
	errs, errsIn, err := os.Pipe()
	if err != nil {
		return err
	}
	p.stderr, theirs = errs, append(theirs, errsIn)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = nil, outIn, errsIn
	p.cmd.SysProcAttr = procAttr()
	p.first, p.firstIn = io.Pipe()
	if err := p.exec(); err != nil {
		return err
	}
	p.pumps.Go(p.pumpOut)
	p.pumps.Go(p.pumpErr)
	go p.reap()
	if err := p.limit.begin(p.cmd.Process.Pid); err != nil {
		_ = p.Kill(context.Background()) // cannot fail
		return fmt.Errorf("cannot limit the process: %w", err)
	}
	return nil
}

// exec starts the process, unless it was killed before.
func (p *program) exec() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return context.Canceled
	}
	p.spawn.do(func() { err = p.cmd.Start() })
	if err == nil {
		p.pid, p.id = p.cmd.Process.Pid, strconv.Itoa(p.cmd.Process.Pid)
		p.guard.add(p.pid)
	}
	return err
}

func (p *program) closeFiles() {
	for _, f := range []*os.File{p.stdout, p.stderr} {
		if f != nil {
			_ = f.Close() // only read
		}
	}
}

// firstBytes bounds the handshake, which holds a certificate.
const firstBytes = 16 << 10

// pumpOut gives go-plugin the handshake if it is one, and the log the rest.
func (p *program) pumpOut() {
	r := bufio.NewReaderSize(p.stdout, firstBytes)
	line, err := r.ReadSlice('\n')
	if len(line) > 0 {
		p.greet(string(line), err)
	}
	_ = p.firstIn.Close()    // cannot fail
	_, _ = io.Copy(p.out, r) // ends with the process
}

func (p *program) greet(line string, err error) {
	wrong := p.check.check(line)
	if wrong == nil && err != nil {
		wrong = fault.New(fault.Invalid, "the line it printed to say that it is ready has no end")
	}
	if wrong != nil {
		p.mu.Lock()
		p.wrong = wrong
		p.mu.Unlock()
		_ = p.Kill(context.Background()) // cannot fail
		return
	}
	p.mu.Lock()
	p.ready = true
	p.mu.Unlock()
	p.limit.ready(p.cmd.Process.Pid)
	_, _ = p.firstIn.Write([]byte(line)) // go-plugin reads it, or has given up
}

func (p *program) pumpErr() {
	_, _ = io.Copy(p.err, p.stderr) // ends with the process
}

// reap waits for the end, and ends whatever the process leaves.
func (p *program) reap() {
	awaitEnd(p.cmd)
	p.mu.Lock()
	killGroup(p.cmd) // while its number cannot belong to somebody else
	p.guard.remove(p.pid)
	_ = p.cmd.Wait() // how it ended is in ProcessState
	p.pid = 0
	p.mu.Unlock()
	killOrphans(p.dir)
	late := time.Now().Add(lateOutput)
	for _, f := range []*os.File{p.stdout, p.stderr} {
		_ = f.SetReadDeadline(late) // pipes can
	}
	_ = p.first.Close() // cannot fail
	p.pumps.Wait()
	p.closeFiles()
	p.out.end()
	p.err.end()
	close(p.exited)
}

// Kill implements runner.Runner. It ends the whole group at once.
func (p *program) Kill(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	if p.pid != 0 {
		killGroup(p.cmd)
	}
	return nil
}

// Wait implements runner.Runner.
func (p *program) Wait(context.Context) error {
	<-p.exited
	return nil
}

// itSaid stands before what a process printed last, which is for operators.
const itSaid = "; it said: "

// forCallers is a reason without what the process printed: who calls a workflow
// may be anybody.
func forCallers(reason string) string {
	before, _, _ := strings.Cut(reason, itSaid)
	return before
}

// ended tells how the process ended and what it said, once exited is closed.
func (p *program) ended() string {
	text := "it ended: " + p.cmd.ProcessState.String()
	if said := p.err.said(); said != "" {
		text += itSaid + said
	}
	return text
}

// refused is what was wrong with its handshake, if that was the problem.
func (p *program) refused() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wrong
}

// greeted says that its handshake was good.
func (p *program) greeted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

// started is the process; 0 = not started, or gone.
func (p *program) started() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pid
}

// Stdout implements runner.Runner with the handshake alone.
func (p *program) Stdout() io.ReadCloser { return p.first }

// Stderr implements runner.Runner. It is empty: lines go to the log directly.
func (p *program) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name implements runner.Runner.
func (p *program) Name() string { return p.cmd.Path }

// ID implements runner.Runner.
func (p *program) ID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id
}

// Diagnose implements runner.Runner; we explain failures ourselves.
func (p *program) Diagnose(context.Context) string { return "" }

// PluginToHost implements runner.Runner; addresses were checked with the handshake.
func (p *program) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin implements runner.Runner.
func (p *program) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
