package process

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
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

// limits bound a process from outside.
type limits struct {
	// dataBytes is private writable memory, used or not; 0 = unlimited. Measured
	// with Go 1.26: a Go program begins with about 45 MiB of it (the heap's
	// bookkeeping), then each byte of the heap counts, in steps of 4 MiB. So
	// "base + memory" with a base of 64 MiB binds within some MiB.
	dataBytes int64
}

// descriptors is what a plugin may have open.
const descriptors = 256

// apply limits a running process.
func (l limits) apply(pid int) error {
	rows := []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_CORE, 0}, // a dump could hold secrets
		{unix.RLIMIT_NOFILE, descriptors},
		{unix.RLIMIT_DATA, uint64(max(l.dataBytes, 0))},
	}
	for _, row := range rows {
		if row.resource == unix.RLIMIT_DATA && row.most == 0 {
			continue
		}
		limit := unix.Rlimit{Cur: row.most, Max: row.most}
		if err := lower(pid, row.resource, limit); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// lower sets a limit, or keeps one that is lower already.
func lower(pid, resource int, limit unix.Rlimit) error {
	var now unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &now); err != nil {
		return err
	}
	limit.Max = min(limit.Max, now.Max)
	limit.Cur = min(limit.Cur, limit.Max)
	return unix.Prlimit(pid, resource, &limit, nil)
}

// killOrphans ends processes that were started for sockets below dir, wherever
// they went: their first environment tells, and is inherited.
func killOrphans(dir string) {
	mark := []byte("PLUGIN_UNIX_SOCKET_DIR=" + filepath.Clean(dir) + "/")
	for _, pid := range processes() {
		env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
		if err != nil {
			continue // it is gone, or another user's
		}
		if bytes.HasPrefix(env, mark) || bytes.Contains(env, append([]byte{0}, mark...)) {
			_ = unix.Kill(pid, unix.SIGKILL) // it may be gone
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
		pages, ok := residentPages(next)
		if !ok {
			continue
		}
		seen[next] = true
		memory += pages * int64(os.Getpagesize())
		open = append(open, children(next)...)
	}
	return len(seen), memory
}

func residentPages(pid int) (int64, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return min(pages, math.MaxInt32), err == nil
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
