//go:build unix

package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/watchdog"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 30 * time.Second
)

// Server is one private Redis process. Its address and password stay the same over
// Stop and Restart.
type Server struct {
	bin      string
	dir      string // everything the server writes
	options  Options
	password string
	port     int
	bus      int // port of the cluster bus
	certs    *certificates
	watchdog *watchdog.Watchdog

	mu     sync.Mutex
	cmd    *exec.Cmd // nil while stopped
	exited chan struct{}
}

// start prepares a folder and starts a server in it. On failure nothing is left.
func start(o Options) (*Server, error) {
	bin, err := findBinary()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "nflow-redistest-")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, options: o, password: o.password}
	if s.password == "" {
		s.password = randomHex()
	}
	if s.watchdog, err = watchdog.Watch(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.firstLaunch(); err != nil {
		s.remove()
		return nil, fmt.Errorf("redistest: %w", err)
	}
	return s, nil
}

func (s *Server) firstLaunch() error {
	var err error
	if s.options.TLS {
		if s.certs, err = makeCertificates(s.dir); err != nil {
			return err
		}
	}
	// A port found free may be taken before the server binds it: try again.
	for range 3 {
		ports, err := freePorts(2)
		if err != nil {
			return err
		}
		s.port, s.bus = ports[0], ports[1]
		if err := s.writeConfig(); err != nil {
			return err
		}
		if err = s.launch(); err == nil {
			return nil
		}
	}
	return err
}

// launch starts the process and returns once it answers.
func (s *Server) launch() error {
	cmd, err := s.begin()
	if err != nil {
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
	err = poll(startTimeout, func() error {
		select {
		case <-exited:
			return fatal{errors.New("redis-server ended while starting")}
		default:
		}
		_, err := s.Try(context.Background(), "PING")
		return err
	})
	if err != nil {
		return errors.Join(err, s.halt(), fmt.Errorf("server log:\n%s", s.log()))
	}
	return nil
}

// Stop kills the server with all its data: open connections break, new ones are
// refused.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if err := s.halt(); err != nil {
		tb.Fatal(err)
	}
}

// Restart brings the server back, empty, at the same address. A running server is
// stopped first.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	if err := errors.Join(s.halt(), s.launch()); err != nil {
		tb.Fatal(err)
	}
}

// Pause makes the server hang: connections stay, new ones come about, nothing is
// answered.
func (s *Server) Pause(tb testing.TB) { tb.Helper(); s.signal(tb, syscall.SIGSTOP) }

// Resume ends Pause. What was sent meanwhile is answered now.
func (s *Server) Resume(tb testing.TB) { tb.Helper(); s.signal(tb, syscall.SIGCONT) }

func (s *Server) signal(tb testing.TB, sig syscall.Signal) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		tb.Fatalf("redistest: %s for a stopped server", sig)
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		tb.Fatal(err)
	}
}

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Password is that of the default user.
func (s *Server) Password() string { return s.password }

// halt kills the process and waits for its end. A stopped server is fine.
func (s *Server) halt() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return nil
	}
	_ = s.cmd.Process.Kill() // an ended process is what we want
	select {
	case <-s.exited:
	case <-time.After(stopTimeout):
		return fmt.Errorf("redistest: redis-server did not end within %s", stopTimeout)
	}
	s.cmd = nil
	return s.watchdog.Rest()
}

// remove ends the server and its folder; the watchdog does the same if this
// process cannot.
func (s *Server) remove() {
	_ = s.halt() // the watchdog tries again
	s.watchdog.Release()
}
