package confine

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFromOutside looks at a confined process through /proc.
func TestFromOutside(t *testing.T) {
	c := startChild(t, "wait", 0)
	if !c.report.Complete() {
		t.Fatal(c.report)
	}
	proc := fmt.Sprintf("/proc/%d", c.cmd.Process.Pid)
	t.Run("descriptors", func(t *testing.T) { checkDescriptors(t, proc) })
	t.Run("every thread", func(t *testing.T) { checkThreads(t, proc) })
	t.Run("limits", func(t *testing.T) { checkLimits(t, proc) })
	t.Run("working directory", func(t *testing.T) {
		needRoot(t)
		if cwd, err := os.Readlink(proc + "/cwd"); cwd != "/" {
			t.Error(cwd, err)
		}
	})
	c.in.Close()
	if o, cause := c.end(); o.Error != "" || cause != Exited {
		t.Errorf("outcome %q, cause %s", o.Error, cause)
	}
}

func checkDescriptors(t *testing.T, proc string) {
	needRoot(t)
	entries, err := os.ReadDir(proc + "/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		target, _ := os.Readlink(proc + "/fd/" + entry.Name())
		fd, _ := strconv.Atoi(entry.Name())
		if fd > 2 && target != "anon_inode:[eventpoll]" && target != "anon_inode:[eventfd]" {
			t.Errorf("descriptor %d is open: %s", fd, target)
		}
	}
}

// needRoot skips what only root may look at: the process hides from its user.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may look into a process that is not dumpable")
	}
}

func checkThreads(t *testing.T, proc string) {
	tasks, err := filepath.Glob(proc + "/task/*")
	if err != nil || len(tasks) < 3 {
		t.Fatal(tasks, err)
	}
	want := map[string]string{
		"NoNewPrivs": "1", "Seccomp": "2", "Umask": "0077", "CapEff": "0000000000000000", "CapPrm": "0000000000000000",
		"CapInh": "0000000000000000", "CapAmb": "0000000000000000",
	}
	if os.Geteuid() == 0 {
		want["Uid"], want["Gid"], want["Groups"] = "65534 65534 65534 65534", "65534 65534 65534 65534", ""
	}
	for _, task := range tasks {
		status := readFields(t, task+"/status")
		for name, value := range want {
			if status[name] != value {
				t.Errorf("%s: %s is %q, want %q", task, name, status[name], value)
			}
		}
	}
	t.Logf("%d threads", len(tasks))
}

// readFields reads lines of the form "Name: values".
func readFields(t testing.TB, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		fields[name] = strings.Join(strings.Fields(value), " ")
	}
	return fields
}

func checkLimits(t *testing.T, proc string) {
	text, err := os.ReadFile(proc + "/limits")
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []string{"Max core file size", "Max file size", "Max open files", "Max locked memory"} {
		_, rest, _ := strings.Cut(string(text), limit)
		if f := strings.Fields(rest); len(f) < 2 || f[0] != "0" || f[1] != "0" {
			t.Errorf("%s: %.20q", limit, rest)
		}
	}
}

// TestInherited shows that a descriptor no one meant to pass on is closed.
func TestInherited(t *testing.T) {
	needRoot(t)
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	// Without the flag every child inherits it, as from a careless library.
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, file.Fd(), syscall.F_SETFD, 0); errno != 0 {
		t.Fatal(errno)
	}
	c := startChild(t, "wait", 0)
	checkDescriptors(t, fmt.Sprintf("/proc/%d", c.cmd.Process.Pid))
}

// TestDiesWithParent starts a child that starts a confined grandchild, kills
// the child, and sees the grandchild's end of a pipe close.
func TestDiesWithParent(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	middle := command("middle")
	middle.Stdout = w
	in, err := middle.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := middle.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	buf := make([]byte, 1)
	if _, err := io.ReadFull(r, buf); err != nil { // the grandchild's report
		t.Fatal(err)
	}
	middle.Process.Kill()
	middle.Wait()
	r.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Errorf("the grandchild outlives its parent: %v", err)
	}
}
