package script

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// patience is how long anything may take on a busy machine.
const patience = 60 * time.Second

var (
	startedAt  = regexp.MustCompile(`nFlow Runtime started.*?url"?[=:]"?(https?://[0-9.:]+)`)
	adminToken = regexp.MustCompile(`(?:shown only this once\): |Authorization: Bearer )([\w-]+)`)
)

// server is an nflow that serves in its own process.
type server struct {
	cmd      *exec.Cmd
	out, log string // files
	url      string
	token    string // the one it printed; empty = none
	ended    chan error
}

// startServer runs nflow serve on a free port and waits until it is ready.
func startServer(dir string, env, args []string) (*server, error) {
	s := &server{
		out: filepath.Join(dir, "serve.out"), log: filepath.Join(dir, "serve.log"),
		ended: make(chan error, 1),
	}
	s.cmd = exec.Command("nflow", append([]string{"serve", "--address", "127.0.0.1:0"}, args...)...)
	s.cmd.Dir, s.cmd.Env = dir, env
	out, err := os.Create(s.out)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = out, log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.cmd.Wait() }()
	if err := s.ready(); err != nil {
		s.kill()
		return nil, err
	}
	printed, err := os.ReadFile(s.out)
	if m := adminToken.FindSubmatch(printed); m != nil {
		s.token = string(m[1])
	}
	return s, err
}

func (s *server) ready() error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		logged, err := os.ReadFile(s.log)
		if err != nil {
			return err
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("serve ended with %w: %s", err, logged)
		default:
		}
		m := startedAt.FindSubmatch(logged)
		if m == nil {
			continue
		}
		s.url = string(m[1])
		res, err := newClient().Get(s.url + "/health/ready")
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("serve is not ready")
}

// stop asks the server to end, as an operator does, and waits for it.
func (s *server) stop() error {
	if err := s.signal(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return s.wait()
}

func (s *server) signal() error { return s.cmd.Process.Signal(syscall.SIGTERM) }

func (s *server) wait() error {
	select {
	case err := <-s.ended:
		s.ended <- err
		return err
	case <-time.After(patience):
		return errors.New("the server does not stop")
	}
}

// kill ends the server whatever it does.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	s.ended <- <-s.ended
}
