//go:build linux

package worker_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// children are the processes whose parent is pid.
func children(t *testing.T, pid int) []int {
	t.Helper()
	var found []int
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		_, after, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(after)
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			found = append(found, child)
		}
	}
	return found
}

// program is this test binary under a name that can be taken away.
func program(t *testing.T) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "program")
	if err := os.Symlink(os.Args[0], link); err != nil {
		t.Fatal(err)
	}
	return link
}

// blocking is a call of a script that asks its host to block, until that is told
// to go on.
func blocking(code string) (ports.ScriptCall, *host) {
	h := &host{inside: make(chan struct{}), block: make(chan struct{})}
	call := script(code)
	call.Limits.ScriptTime, call.Host = time.Minute, h
	return call, h
}

func TestProcessesAreStartedAheadAndReplaced(t *testing.T) {
	p := newPool(t, func(c *worker.Config) { c.Preload = 3 })
	full := func() bool { s := p.Stats(); return s.Live == 3 && s.Idle == 3 }
	eventually(t, "three processes wait", full)
	for _, pid := range children(t, os.Getpid()) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	eventually(t, "three deaths are noticed", func() bool { return p.observer.count("worker_lost idle") == 3 })
	eventually(t, "three processes wait again", full)
	if _, err := p.Run(t.Context(), script("")); err != nil {
		t.Error(err)
	}
	if n := len(children(t, os.Getpid())); n != 3 {
		t.Errorf("%d children, zombies included, want 3", n)
	}
}

func TestAScriptThatDidNothingYetIsRunAgain(t *testing.T) {
	p := newPool(t)
	call := script("wait")
	call.Limits.ScriptTime = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := p.Run(ctx, call); fault.CodeOf(err) != fault.Cancelled {
			t.Errorf("got %v", err)
		}
	})
	busy := func() bool { s := p.Stats(); return s.Live == 1 && s.Idle == 0 }
	eventually(t, "the script runs", busy)
	first := children(t, os.Getpid())[0]
	_ = syscall.Kill(first, syscall.SIGKILL)
	eventually(t, "it runs in another process", func() bool {
		now := children(t, os.Getpid())
		return len(now) == 1 && now[0] != first && p.observer.count("worker_lost running") == 1
	})
	cancel()
	group.Wait()
}

func TestOnlyTheScriptInsideALostProcessFails(t *testing.T) {
	p := newPool(t)
	call, h := blocking("call block\nwait")
	var group sync.WaitGroup
	group.Go(func() {
		_, err := p.Run(t.Context(), call)
		if f := fault.As(err); f == nil || f.Code != fault.Unavailable || f.RetryAfter == 0 {
			t.Errorf("got %v", err)
		}
	})
	<-h.inside
	pid := children(t, os.Getpid())[0]
	if _, err := p.Run(t.Context(), script("")); err != nil {
		t.Errorf("a neighbour: %v", err)
	}
	close(h.block)
	_ = syscall.Kill(pid, syscall.SIGKILL)
	group.Wait()
}

func TestIdleProcessesAreDropped(t *testing.T) {
	p := newPool(t, func(c *worker.Config) { c.IdleTimeout, c.CleanupInterval = time.Millisecond, 10*time.Millisecond })
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := p.Run(t.Context(), script("call slow")); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	eventually(t, "one process is left", func() bool { return p.Stats().Live == 1 && len(children(t, os.Getpid())) == 1 })
}

func TestClosingEndsABusyProcess(t *testing.T) {
	p := newPool(t)
	call := script("spin")
	call.Limits.ScriptTime = time.Minute
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := p.Run(t.Context(), call); err == nil {
			t.Error("it ended well")
		}
	})
	eventually(t, "the script runs", func() bool { return p.Stats().Idle == 0 })
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
	eventually(t, "no child is left", func() bool { return len(children(t, os.Getpid())) == 0 })
	if _, err := p.Run(t.Context(), script("")); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("after closing: %v", err)
	}
}

func TestProcessesThatDoNotStart(t *testing.T) {
	_, err := worker.New(worker.Config{Path: "/nowhere", MaxSize: 1})
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("no program: %v", err)
	}
	_, err = worker.New(worker.Config{Path: "/bin/false", MaxSize: 1})
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a program that ends: %v", err)
	}
	_, err = worker.New(worker.Config{Path: "/bin/cat", MaxSize: 1, StartTime: 50 * time.Millisecond})
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a program that says nothing: %v", err)
	}
}

func TestProcessesThatDoNotStartAnyMore(t *testing.T) {
	link := program(t)
	p := newPool(t, func(c *worker.Config) { c.Path = link })
	if err := os.Rename(link, link+".away"); err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(children(t, os.Getpid())[0], syscall.SIGKILL)
	eventually(t, "starting fails", func() bool { return strings.Contains(p.logs.String(), "did not start") })
	eventually(t, "scripts are told", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.Run(ctx, script(""))
		return fault.CodeOf(err) == fault.Unavailable && fault.As(err).RetryAfter > 0
	})
	if err := os.Rename(link+".away", link); err != nil {
		t.Fatal(err)
	}
	eventually(t, "scripts run again", func() bool { _, err := p.Run(t.Context(), script("")); return err == nil })
}

func TestHardeningCanBeRequired(t *testing.T) {
	cfg := worker.Config{Path: os.Args[0], Args: []string{"serve-unconfined"}, MaxSize: 1}
	p := newPool(t, func(c *worker.Config) { c.Args = cfg.Args })
	if p.Report().Complete() {
		t.Error("nothing is confined, but the report is complete")
	}
	cfg.RequireHardening = true
	_, err := worker.New(cfg)
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(fault.As(err).Unwrap().Error(), "seccomp: refused") {
		t.Errorf("got %v", err)
	}
}

// TestNoOrphans kills a parent of worker processes, one of which is busy in a
// native loop.
func TestNoOrphans(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0], "serve-parent")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "busy\n" {
		t.Fatalf("%q %v", line, err)
	}
	orphans := children(t, parent.Process.Pid)
	if len(orphans) < 3 {
		t.Fatalf("%d workers, want 3", len(orphans))
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	eventually(t, "every worker is gone", func() bool {
		for _, pid := range orphans {
			text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
			if err == nil && strings.Contains(string(text), "serve") {
				return false
			}
		}
		return true
	})
}

// niceness is the nice value of a process; 99 when it is gone.
func niceness(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	if err != nil || len(fields) < 17 {
		return 99
	}
	nice, _ := strconv.Atoi(fields[16])
	return nice
}

func TestLongScriptsMakeWay(t *testing.T) {
	p := newPool(t)
	call, h := blocking("call block")
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := p.Run(t.Context(), call); err != nil {
			t.Error(err)
		}
	})
	<-h.inside
	pid := children(t, os.Getpid())[0]
	eventually(t, "the process makes way", func() bool { return niceness(pid) == 15 })
	close(h.block)
	group.Wait()
	eventually(t, "its priority is back, or another process is there", func() bool {
		now := children(t, os.Getpid())
		return len(now) == 1 && niceness(now[0]) == 0
	})
	if _, err := p.Run(t.Context(), script("")); err != nil {
		t.Error(err)
	}
}

func TestAPoolWithoutPreloadRecovers(t *testing.T) {
	link := program(t)
	p := newPool(t, func(c *worker.Config) {
		c.Path, c.Preload, c.IdleTimeout, c.CleanupInterval = link, 0, time.Millisecond, 5*time.Millisecond
	})
	eventually(t, "no process is left", func() bool { return p.Stats().Live == 0 })
	if err := os.Rename(link, link+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context(), script("")); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("nothing to start: %v", err)
	}
	if p.Broken() == nil {
		t.Error("the pool does not say that it is broken")
	}
	if err := os.Rename(link+".away", link); err != nil {
		t.Fatal(err)
	}
	eventually(t, "scripts run again", func() bool { _, err := p.Run(t.Context(), script("")); return err == nil })
	if err := p.Broken(); err != nil {
		t.Error(err)
	}
}

func TestWaitingIsWorthwhileWhileAProcessLives(t *testing.T) {
	link := program(t)
	p := newPool(t, func(c *worker.Config) { c.Path = link })
	call, h := blocking("call block")
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := p.Run(t.Context(), call); err != nil {
			t.Error(err)
		}
	})
	<-h.inside
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	group.Go(func() {
		if _, err := p.Run(t.Context(), script("")); err != nil {
			t.Errorf("a script that could wait for the busy process: %v", err)
		}
	})
	eventually(t, "starting another failed many times", func() bool { return strings.Count(p.logs.String(), "did not start") > 6 })
	close(h.block)
	group.Wait()
}

func TestClosingTellsWhoeverWaits(t *testing.T) {
	p := newPool(t, func(c *worker.Config) { c.MaxSize = 1 })
	call, h := blocking("call block")
	var group sync.WaitGroup
	group.Go(func() { _, _ = p.Run(context.Background(), call) })
	<-h.inside
	waited := make(chan error, 1)
	group.Go(func() {
		_, err := p.Run(context.Background(), script(""))
		waited <- err
	})
	group.Go(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := <-waited; fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	close(h.block)
	group.Wait()
}

func TestCancellingAtOnceKillsNothing(t *testing.T) {
	p := newPool(t)
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		call := script("wait")
		call.Limits.ScriptTime = time.Minute
		go cancel()
		if _, err := p.Run(ctx, call); fault.CodeOf(err) != fault.Cancelled {
			t.Fatal(err)
		}
	}
	if n := p.observer.count("worker_killed cancelled"); n > 0 {
		t.Errorf("%d processes were killed for scripts that were ready to stop", n)
	}
}
