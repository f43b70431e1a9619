//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/watchdog"
)

const (
	startTimeout = 60 * time.Second
	stopTimeout  = 30 * time.Second
)

// Server is one private PostgreSQL server. Its port and password stay the same
// over Stop and Restart, so a DSN stays valid.
type Server struct {
	bin      string // folder of initdb and postgres
	dir      string // everything the server writes
	port     int
	password string
	as       *syscall.Credential // nil: as the user who runs the test
	tls      *Certificates       // nil: without TLS
	watchdog *watchdog.Watchdog

	mu     sync.Mutex
	cmd    *exec.Cmd // nil while stopped
	exited chan struct{}
}

// plain changes nothing about a server before its start.
func plain(*Server) error { return nil }

// start prepares a data folder and starts a server in it. On failure nothing
// is left.
func start(prepare func(*Server) error) (*Server, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := makeFolder(as)
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, as: as, password: randomHex()}
	if s.watchdog, err = watchdog.Watch(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.initAndStart(prepare); err != nil {
		s.remove()
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	return s, nil
}

func (s *Server) initAndStart(prepare func(*Server) error) error {
	if err := s.initdb(); err != nil {
		return err
	}
	if err := prepare(s); err != nil {
		return err
	}
	// A port found free may be taken before the server binds it: try again.
	var err error
	for range 3 {
		if s.port, err = freePort(); err != nil {
			return err
		}
		if err = s.launch(); err == nil {
			return nil
		}
	}
	return err
}

// Stop shuts the server down: open connections break, new ones are refused.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if err := s.halt(syscall.SIGINT); err != nil {
		tb.Fatal(err)
	}
}

// Restart brings a stopped server back with its data, at the same address. A
// running server is stopped first.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	if err := errors.Join(s.halt(syscall.SIGINT), s.launch()); err != nil {
		tb.Fatal(err)
	}
}

// launch starts the server process and returns once it answers.
func (s *Server) launch() error {
	cmd := s.command("postgres",
		"-D", filepath.Join(s.dir, "data"),
		"-p", strconv.Itoa(s.port),
		"-k", s.dir,
		"-c", "listen_addresses=127.0.0.1",
		// The data is thrown away: only a crash of the machine could tell.
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "shared_buffers=32MB",
	)
	if s.tls != nil {
		cmd.Args = append(cmd.Args, s.tls.options()...)
	}
	if err := s.begin(cmd, "QUIT"); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(exited)
	}()
	s.mu.Lock()
	s.cmd, s.exited = cmd, exited
	s.mu.Unlock()
	if err := s.awaitReady(exited); err != nil {
		return errors.Join(err, s.halt(syscall.SIGQUIT), fmt.Errorf("server log:\n%s", s.log()))
	}
	return nil
}

// halt signals the server and waits for its end. A stopped server is fine.
func (s *Server) halt(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return nil
	}
	_ = s.signal(syscall.SIGCONT) // a paused server hears nothing
	_ = s.cmd.Process.Signal(sig) // an ended process is what we want
	select {
	case <-s.exited:
	case <-time.After(stopTimeout):
		return fmt.Errorf("pgtest: postgres did not stop within %s of %s", stopTimeout, sig)
	}
	s.cmd = nil
	return s.watchdog.Rest()
}

// remove ends the server and its folder; the watchdog does the same if this
// process cannot.
func (s *Server) remove() {
	_ = s.halt(syscall.SIGQUIT) // the watchdog tries again
	s.watchdog.Release()
}

// wake resumes a server that is paused; false when it is stopped.
func (s *Server) wake() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd != nil && s.signal(syscall.SIGCONT) == nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
