//go:build unix

package pgtest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

const missing = `pgtest: PostgreSQL is missing: no initdb and postgres in PATH or /usr/lib/postgresql/*/bin;
run scripts/deps.sh, or install it (Debian: apt-get install postgresql);
outside of CI, NFLOW_TEST_NO_POSTGRES=1 skips these tests`

// findBinaries returns the folder that holds initdb and postgres; of several
// Debian versions, the last.
func findBinaries() (string, error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is fine
	for i := len(debian) - 1; i >= 0; i-- {
		folders = append(folders, debian[i])
	}
	for _, folder := range folders {
		if executable(filepath.Join(folder, "initdb")) && executable(filepath.Join(folder, "postgres")) {
			return folder, nil
		}
	}
	return "", errors.New(missing)
}

func executable(path string) bool {
	info, err := os.Stat(path) //nolint:gosec // PATH is the caller's own
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// unprivileged names whom the server runs as: PostgreSQL refuses to be root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // nil is how exec says: as the current user
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("pgtest: running as root, and there is no user postgres or nobody to run PostgreSQL as")
}

// makeFolder creates a private folder for the server. Another user may not be
// able to reach TMPDIR, so the servers of root live in /tmp.
func makeFolder(as *syscall.Credential) (string, error) {
	parent := os.TempDir()
	if as != nil {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "nflow-pgtest-")
	if err != nil {
		return "", err
	}
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return "", errors.Join(err, os.RemoveAll(dir))
		}
	}
	return dir, nil
}

// command prepares a PostgreSQL program: as the unprivileged user, deaf to the
// terminal and to PG* variables.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...) //nolint:noctx,gosec // it outlives the caller; the folder is one we searched
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: s.as}
	return cmd
}

// begin starts a command, tells the watchdog how to end it, and sends its output
// to the log: a file, because a pipe would break together with this process.
func (s *Server) begin(cmd *exec.Cmd, signal string) error {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Start()
	_ = log.Close() // the command has its own copy
	if err != nil {
		return fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return s.watchdog.Guard(signal, cmd.Process.Pid)
}

func (s *Server) initdb() error {
	passwordFile := filepath.Join(s.dir, "password")
	if err := os.WriteFile(passwordFile, []byte(s.password+"\n"), 0o644); err != nil { //nolint:gosec // the folder is private, and the server's user must read it
		return err
	}
	cmd := s.command("initdb", "-D", filepath.Join(s.dir, "data"), "-U", superuser,
		"--auth=scram-sha-256", "--pwfile="+passwordFile, "--encoding=UTF8", "--no-locale", "--no-sync")
	if err := s.begin(cmd, "0"); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, s.log())
	}
	return s.watchdog.Rest()
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
