package process_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
)

// TestAnOrphanEnds starts a plugin from a shell that ends at once.
func TestAnOrphanEnds(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", `"$0" & echo $!; read line; kill -9 $$`, os.Args[0])
	cmd.Env = []string{process.CookieKey + "=" + process.CookieValue, "PLUGIN_PROTOCOL_VERSIONS=1", "PLUGIN_UNIX_SOCKET_DIR=" + t.TempDir()}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	pid, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "1|1|unix|") {
		t.Fatalf("handshake: %q", lines.Text())
	}
	_, _ = in.Write([]byte("\n"))
	_ = cmd.Wait()
	until := time.Now().Add(20 * time.Second)
	for !gone(pid) {
		if time.Now().After(until) {
			t.Fatal("the plugin outlived who started it")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// gone reports whether a process is no more, or only waits for somebody to ask.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}
