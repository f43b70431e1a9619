package system

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Processes = (*Processes)(nil)

// drainTime is how long the output of a program is waited for that handed it to
// a process outside of its group.
const drainTime = 500 * time.Millisecond

// ProcessesConfig says what may be started, and where it stands.
type ProcessesConfig struct {
	Executables []string // absolute paths
	Dir         string   // working directory; empty = a new empty one for each program, removed afterwards
}

// Processes starts programs, each as a process group of its own that is killed
// when the program ends, when its time is over and when it writes too much. On
// Linux it also dies with this process. What leaves the group on purpose, as a
// daemon does, is beyond reach.
//
// A symbolic link is followed when the program starts, so that an update of the
// system may change where it leads.
type Processes struct {
	executables []string
	dir         string
}

// NewProcesses checks the programs. It fails with a list of every fault, code
// invalid: a program that is not there, is none, or could be replaced by a
// script because it is below Dir.
func NewProcesses(cfg ProcessesConfig) (*Processes, error) {
	var faults fault.List
	for _, path := range cfg.Executables {
		if problem := problemOf(path, cfg.Dir); problem != "" {
			faults.Add(fault.New(fault.Invalid, "%q %s", path, problem).AtField("vm_pool.allowed_executables"))
		}
	}
	keepDescriptors()
	p := &Processes{executables: slices.Clone(cfg.Executables)}
	if cfg.Dir != "" {
		p.dir = resolved(cfg.Dir)
	}
	return p, faults.Err()
}

// problemOf says why a path is no program that scripts may start; empty = it is.
func problemOf(path, dir string) string {
	if !filepath.IsAbs(path) {
		return "is not an absolute path"
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "cannot be used: " + reason(err)
	case !info.Mode().IsRegular():
		return "is not a file"
	case !executable(info):
		return "is not executable"
	}
	if dir != "" && (below(dir, path) || below(resolved(dir), resolved(path))) {
		return "is below vm_pool.filesystem_root, where a script could replace it; move it elsewhere"
	}
	return ""
}

func resolved(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func below(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// Exec runs a program to its end; see ports.Processes. Besides, it fails with
// code forbidden when the path is not exactly one of the configuration.
func (p *Processes) Exec(ctx context.Context, c ports.Command) (ports.CommandResult, error) {
	if !slices.Contains(p.executables, c.Path) {
		return ports.CommandResult{}, fault.New(fault.Forbidden, "%q is not in vm_pool.allowed_executables", c.Path)
	}
	if slices.ContainsFunc(c.Args, func(a string) bool { return strings.Contains(a, "\x00") }) {
		return ports.CommandResult{}, fault.New(fault.Invalid, "an argument of %q holds a zero byte", c.Path)
	}
	dir := p.dir
	if dir == "" {
		made, err := os.MkdirTemp("", "nflow-exec-")
		if err != nil {
			return ports.CommandResult{}, fault.Wrap(err, fault.NodeFailed, "there is no directory to start %q in: %s", c.Path, reason(err))
		}
		defer func() { _ = os.RemoveAll(made) }() // what a program made unremovable stays; there is nobody to tell
		dir = made
	}
	return run(ctx, c, dir)
}

func run(ctx context.Context, c ports.Command, dir string) (ports.CommandResult, error) {
	// The signal that ends the program along with this process comes when the
	// thread that started it ends, so the thread stays.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	g := &group{}
	stdout, stderr := &bounded{most: c.MaxOutput, over: g.kill}, &bounded{most: c.MaxOutput, over: g.kill}
	cmd := &exec.Cmd{
		Path: c.Path, Args: append([]string{c.Path}, c.Args...), Env: []string{}, Dir: dir,
		Stdout: stdout, Stderr: stderr, SysProcAttr: ownGroup(), WaitDelay: drainTime,
	}
	if len(c.Stdin) > 0 {
		cmd.Stdin = bytes.NewReader(c.Stdin)
	}
	if ctx.Err() != nil {
		return ports.CommandResult{}, stopped(ctx, c)
	}
	if err := cmd.Start(); err != nil {
		return ports.CommandResult{}, fault.Wrap(err, fault.NodeFailed, "%q cannot be started: %s", c.Path, reason(err))
	}
	g.started(cmd.Process.Pid)
	release := context.AfterFunc(ctx, g.kill)
	defer release()
	err := g.await(cmd)

	var exit *exec.ExitError
	switch {
	case stdout.full || stderr.full:
		return ports.CommandResult{}, fault.New(fault.LimitExceeded, "%q wrote more than %d bytes", c.Path, c.MaxOutput).OverLimit("limits.max_response_bytes")
	case ctx.Err() != nil:
		return ports.CommandResult{}, stopped(ctx, c)
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return ports.CommandResult{}, fault.Wrap(err, fault.NodeFailed, "the output of %q cannot be read: %s", c.Path, reason(err))
	}
	return ports.CommandResult{ExitCode: cmd.ProcessState.ExitCode(), Stdout: stdout.kept, Stderr: stderr.kept}, nil
}

func stopped(ctx context.Context, c ports.Command) error {
	return fault.Wrap(context.Cause(ctx), fault.Cancelled, "%q was stopped before its end", c.Path)
}

// bounded keeps what is written, up to a size.
type bounded struct {
	kept []byte
	most int
	over func() // called when more comes
	full bool
}

var errFull = errors.New("too much output")

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.kept)+len(p) > b.most {
		b.full = true
		b.over()
		return 0, errFull
	}
	b.kept = append(b.kept, p...)
	return len(p), nil
}
