//go:build unix

package pgtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Pause stops the server without ending it, as a machine that hangs: connections
// stay, new ones are taken by the kernel, and nothing is answered.
func (s *Server) Pause(tb testing.TB) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		tb.Fatal("pgtest: the server does not run")
	}
	if err := s.signal(syscall.SIGSTOP); err != nil {
		tb.Fatal(err)
	}
}

// Resume lets a paused server go on where it was.
func (s *Server) Resume(tb testing.TB) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		tb.Fatal("pgtest: the server does not run")
	}
	if err := s.signal(syscall.SIGCONT); err != nil {
		tb.Fatal(err)
	}
}

// signal reaches the server and its processes, each of which leads a group of its
// own. The server comes first, so that it starts no more of them.
func (s *Server) signal(sig syscall.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil {
		return err
	}
	for _, child := range children(s.cmd.Process.Pid) {
		_ = syscall.Kill(child, sig) // it may have ended
	}
	return nil
}

// children are the processes a process started.
func children(parent int) (found []int) {
	for pid, ppid := range parents() {
		if ppid == parent {
			found = append(found, pid)
		}
	}
	return found
}

// parents are all processes and who started them: from /proc, or from ps where
// there is none.
func parents() map[int]int {
	all := make(map[int]int)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is fine
	for _, name := range stats {
		content, err := os.ReadFile(name)
		if err != nil {
			continue // it ended
		}
		// 12 (name with ) and spaces) S 1 ...
		fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:])
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil && len(fields) > 1 {
			all[pid], _ = strconv.Atoi(string(fields[1]))
		}
	}
	if len(all) > 0 {
		return all
	}
	out, _ := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output() //nolint:noctx // it ends by itself
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 2 {
			pid, _ := strconv.Atoi(f[0])
			all[pid], _ = strconv.Atoi(f[1])
		}
	}
	return all
}
