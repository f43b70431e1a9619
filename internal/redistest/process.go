//go:build unix

package redistest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const missing = `redistest: Redis is missing: no redis-server in PATH;
run scripts/deps.sh, or install it (Debian: apt-get install redis-server);
outside of CI, NFLOW_TEST_NO_REDIS=1 skips these tests`

func findBinary() (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", errors.New(missing)
	}
	return path, nil
}

// begin starts the server process, tells the watchdog, and sends its output to the
// log: a file, because a pipe would break together with this process.
func (s *Server) begin() (*exec.Cmd, error) {
	args := []string{filepath.Join(s.dir, "redis.conf")}
	if s.options.sentinel != "" {
		args = append(args, "--sentinel")
	}
	cmd := exec.Command(s.bin, args...) //nolint:noctx,gosec // it outlives the caller; the program is the one we found
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Start()
	_ = log.Close() // the command has its own copy
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return cmd, s.watchdog.Guard("KILL", cmd.Process.Pid)
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// log returns the end of what the server said.
func (s *Server) log() string {
	const most = 4 << 10
	out, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return string(out[max(0, len(out)-most):])
}

func randomHex() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// freePorts finds ports that nobody uses at the moment.
func freePorts(n int) ([]int, error) {
	var ports []int
	var held []net.Listener // until all are found
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
		if err != nil {
			return nil, err
		}
		held = append(held, l)
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
