package process

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// procAttr makes a process the leader of its own group that dies with us.
func procAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitEnd returns when a child has ended, and leaves it to be waited for.
func awaitEnd(cmd *exec.Cmd) {
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// killGroup ends the group of a process that was not waited for.
func killGroup(cmd *exec.Cmd) {
	_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) // it may be empty
}

// limits bound a process from outside. Of memory the private and writable counts
// (RLIMIT_DATA), used or not. How much of that a program has before it does
// anything depends on its language: Go 1.26 begins with 45 MiB, with C in it 130,
// since each thread then has 8 for its stack. What it has when it is ready is
// therefore not counted; from there each byte of a Go heap counts, in steps of
// 4 MiB, and the allocation that goes too far ends the program.
type limits struct {
	memory int64 // bytes on top of what it has when it is ready; 0 = unlimited
	base   int64 // bytes it may need until then, besides
}

const (
	// descriptors is what a plugin may have open.
	descriptors = 256
	// A processor may mean two threads more: one that runs and one that waits.
	threadBytes = 2 * 8 << 20
	slackBytes  = 32 << 20
)

// begin limits a process that was just started.
func (l limits) begin(pid int) error {
	err := errors.Join(
		lower(pid, unix.RLIMIT_CORE, 0), // a dump could hold secrets
		lower(pid, unix.RLIMIT_NOFILE, descriptors),
	)
	if l.memory > 0 {
		err = errors.Join(err, lower(pid, unix.RLIMIT_DATA, l.base+l.memory))
	}
	if errors.Is(err, unix.ESRCH) {
		return nil // it is gone, which others notice
	}
	return err
}

// ready limits a process that said it is ready.
func (l limits) ready(pid int) {
	// The runtime of a Go program raises the limit of descriptors while it starts,
	// and as root it can.
	_ = lower(pid, unix.RLIMIT_NOFILE, descriptors) // it may be gone
	if data, ok := statm(pid, 5); ok && l.memory > 0 {
		_ = lower(pid, unix.RLIMIT_DATA, data+l.memory+slackBytes+int64(runtime.NumCPU())*threadBytes)
	}
}

// lower sets a limit, or keeps one that is lower already.
func lower(pid, resource int, most int64) error {
	var now unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &now); err != nil {
		return err
	}
	most = max(0, most)
	hard := min(uint64(most), now.Max)
	limit := unix.Rlimit{Cur: hard, Max: hard}
	return unix.Prlimit(pid, resource, &limit, nil)
}

// killOrphans ends processes that were started for sockets below dir, wherever
// they went: their first environment tells, and is inherited.
func killOrphans(dir string) {
	const tries = 10 // new ones may come while it looks
	mark := []byte("PLUGIN_UNIX_SOCKET_DIR=" + filepath.Clean(dir) + "/")
	for range tries {
		found := false
		for _, pid := range processes() {
			env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
			if err != nil { // it is gone, or another user's
				continue
			}
			if bytes.HasPrefix(env, mark) || bytes.Contains(env, append([]byte{0}, mark...)) {
				_ = unix.Kill(pid, unix.SIGKILL) // it may be gone
				found = true
			}
		}
		if !found {
			return
		}
	}
}

func processes() []int {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()                  //nolint:errcheck // only read
	names, err := dir.Readdirnames(-1) // only those readable are wanted
	if err != nil {
		return nil
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// usage counts a process and those it started, and the memory in use by them, in
// bytes.
func usage(pid int) (count int, memory int64) {
	const most = 1000 // a plugin that forks without end is counted no further
	open, seen := []int{pid}, map[int]bool{}
	for len(open) > 0 && len(seen) < most {
		next := open[0]
		open = open[1:]
		if seen[next] {
			continue
		}
		bytes, ok := statm(next, 1)
		if !ok {
			continue
		}
		seen[next] = true
		memory += bytes
		open = append(open, children(next)...)
	}
	return len(seen), memory
}

// statm is a number of /proc/PID/statm in bytes: 1 = resident, 5 = data.
func statm(pid, field int) (int64, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) <= field {
		return 0, false
	}
	pages, err := strconv.ParseInt(fields[field], 10, 64)
	return min(pages, math.MaxInt32) * int64(os.Getpagesize()), err == nil
}

func children(pid int) []int {
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children") // the pattern is good
	var pids []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue
		}
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}
