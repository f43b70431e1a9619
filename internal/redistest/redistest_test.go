//go:build unix

package redistest_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(redistest.WithCleanup(m)) }

func TestShared(t *testing.T) {
	server := redistest.Shared(t)
	server.Do(t, "SET", "k", "v\r\nw")
	if got := redistest.Shared(t).Do(t, "GET", "k"); got != "v\r\nw" {
		t.Errorf("got %q", got)
	}
	if got := server.Do(t, "GET", "other"); got != "" {
		t.Errorf("got %q", got)
	}
	if _, err := server.Try(t.Context(), "NONSENSE"); err == nil {
		t.Error("nonsense is a command")
	}
	if !refuses(t, server.Addr(), "PING\r\n") {
		t.Error("it answers who has no password")
	}
}

// refuses reports whether the server answers a stranger with an error.
func refuses(t *testing.T, addr, command string) bool {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprint(conn, command)
	answer, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.HasPrefix(answer, "-NOAUTH")
}

func TestOutage(t *testing.T) {
	server := redistest.Start(t)
	server.Do(t, "SET", "k", "v")
	server.Stop(t)
	server.Stop(t) // already stopped: nothing to do
	if _, err := server.Try(t.Context(), "PING"); err == nil {
		t.Error("a stopped server answers")
	}
	server.Restart(t)
	if got := server.Do(t, "EXISTS", "k"); got != "0" {
		t.Error("it kept its data")
	}
}

func TestPause(t *testing.T) {
	server := redistest.Start(t)
	server.Pause(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := server.Try(ctx, "PING"); err == nil {
		t.Error("a paused server answers")
	}
	server.Resume(t)
	server.Do(t, "PING")
	server.Pause(t) // and ends like that
}

func TestTLS(t *testing.T) {
	server := redistest.Start(t, redistest.Options{TLS: true, ClientCertificates: true})
	server.Do(t, "PING")
	if refuses(t, server.Addr(), "PING\r\n") {
		t.Error("it answers without TLS")
	}
}

func TestSentinels(t *testing.T) {
	s := redistest.StartSentinels(t)
	s.Master.Do(t, "SET", "k", "v")
	if got := s.Replica.Do(t, "ROLE"); !strings.HasPrefix(got, "slave") {
		t.Errorf("the replica is %s", got)
	}
	s.Master.Stop(t)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		// A Sentinel that makes it the master cuts its connections.
		if role, err := s.Replica.Try(t.Context(), "ROLE"); err == nil && strings.HasPrefix(role, "master") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the replica did not take over")
		}
	}
}

func TestCluster(t *testing.T) {
	nodes := redistest.StartCluster(t)
	moved := 0
	for _, node := range nodes {
		if _, err := node.Try(t.Context(), "SET", "k", "v"); err != nil {
			if !strings.HasPrefix(err.Error(), "MOVED") {
				t.Fatal(err)
			}
			moved++
		}
	}
	if moved != len(nodes)-1 {
		t.Errorf("%d of %d nodes do not have the key", moved, len(nodes))
	}
}

// victim makes this test binary play the process that is killed.
const victim = "REDISTEST_VICTIM"

func TestKilledProcessLeavesNothing(t *testing.T) {
	if os.Getenv(victim) != "" {
		server := redistest.Start(t)
		server.Pause(t)
		fmt.Printf("server %s %s\n", server.Dir(), server.Addr())
		select {} // until killed
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), victim+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var dir, addr string
	for lines := bufio.NewScanner(out); addr == "" && lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "server "); ok {
			dir, addr, _ = strings.Cut(rest, " ")
		}
	}
	if addr == "" {
		t.Fatal("the victim started no server")
	}
	if conn, err := net.Dial("tcp", addr); err != nil {
		t.Fatal(err)
	} else {
		_ = conn.Close()
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%s is still there", dir)
		}
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(end) {
			t.Fatal("the server is still there")
		}
	}
}
