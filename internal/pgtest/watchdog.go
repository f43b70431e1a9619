//go:build unix

package pgtest

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

// watchScript reads lines of a signal and a process group until its input
// ends. The last line says what runs then and how to end it: QUIT for a server,
// 0 (just wait) for initdb, which leaves shared memory behind when interrupted.
// A paused server is woken first; it ends those of its processes that sleep on.
// After ten seconds it uses force. Then it removes the folder $1.
const watchScript = `
group=0
while read -r s g; do signal=$s group=$g; done
if [ "$group" -gt 0 ]; then
	kill -s CONT -- "-$group" 2>/dev/null
	kill -s "$signal" -- "-$group" 2>/dev/null
	i=0
	while [ $i -lt 100 ] && kill -s 0 -- "-$group" 2>/dev/null; do
		i=$((i + 1))
		sleep 0.1
	done
	kill -s KILL -- "-$group" 2>/dev/null
fi
rm -rf "$1"
`

type watchdog struct {
	cmd  *exec.Cmd
	hold io.WriteCloser
}

// watch starts a shell that removes the server in dir once this process is
// gone. It has a session of its own, so a Ctrl-C at the terminal or the end of
// the process group leaves it running; its output goes nowhere, so that go
// test does not wait for it.
func watch(dir string) (*watchdog, error) {
	cmd := exec.Command("/bin/sh", "-c", watchScript, "pgtest-watchdog", dir) //nolint:noctx,gosec // it outlives this process on purpose; the folder is ours
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("pgtest: watchdog: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("pgtest: watchdog: %w", err)
	}
	return &watchdog{cmd: cmd, hold: hold}, nil
}

// guard tells the watchdog which process group to end, and by which signal.
func (w *watchdog) guard(signal string, group int) error {
	_, err := fmt.Fprintln(w.hold, signal, group)
	return err
}

// rest tells the watchdog that nothing runs.
func (w *watchdog) rest() error { return w.guard("0", 0) }

// release lets the watchdog do its work and waits for it.
func (w *watchdog) release() {
	_ = w.hold.Close()
	_ = w.cmd.Wait()
}
