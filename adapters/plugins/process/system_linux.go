package process

import (
	"bytes"
	"errors"
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

// limits bound a process from outside. Memory is bounded twice.
//
// The kernel refuses private writable memory (RLIMIT_DATA), used or not, which
// stops a program that grows at full speed. How much of that a program has before
// it does anything depends on its language: Go 1.26 begins with 45 MiB, with C in
// it 130, since each thread then has 8 for its stack. So what it has when it is
// ready is not counted, and stacks of threads that may come are added.
//
// What is really in use is looked at every now and then (see generation.watch),
// and that is bound to memory itself.
type limits struct {
	memory  int64 // bytes on top of what it has when it is ready; 0 = unlimited
	base    int64 // bytes it may need until then, besides
	threads int   // that may come
}

const (
	descriptors = 256 // that a plugin may have open
	threadBytes = 8 << 20
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
	if numbers := statm(pid); numbers != nil && l.memory > 0 {
		_ = lower(pid, unix.RLIMIT_DATA, numbers[statmData]+l.memory+slackBytes+int64(l.threads)*threadBytes)
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

// usage is what a process and those it started take.
type usage struct {
	processes int
	resident  int64 // bytes in memory
	private   int64 // of those, bytes that belong to no file
}

func usageOf(pid int) usage {
	const most = 1000 // a plugin that forks without end is counted no further
	var u usage
	open, seen := []int{pid}, map[int]bool{}
	for len(open) > 0 && u.processes < most {
		next := open[0]
		open = open[1:]
		numbers := statm(next)
		if seen[next] || numbers == nil {
			continue
		}
		seen[next] = true
		u.processes++
		u.resident += numbers[statmResident]
		u.private += numbers[statmResident] - numbers[statmShared]
		open = append(open, children(next)...)
	}
	return u
}

// Places in what statm returns.
const (
	statmResident = 1
	statmShared   = 2
	statmData     = 5
)

// statm are the numbers of /proc/PID/statm in bytes; nil when it is gone.
func statm(pid int) []int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return nil
	}
	var numbers []int64
	for _, field := range strings.Fields(string(text)) {
		pages, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return nil
		}
		numbers = append(numbers, pages*int64(os.Getpagesize()))
	}
	if len(numbers) <= statmData {
		return nil
	}
	return numbers
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
