//go:build unix

// Package watchdog ends servers that tests start, however the test process ends: it
// is a shell that waits on a pipe whose other end only that process holds.
//
// It refuses to know what it ends.
package watchdog

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

// watchScript reads lines of a signal and a process group until its input
// ends. The last line says what runs then and how to end it: such as QUIT or KILL
// for a server, 0 (just wait) for what must not be interrupted.
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

// Watchdog watches over one server and its folder.
type Watchdog struct {
	cmd  *exec.Cmd
	hold io.WriteCloser
}

// Watch starts a shell that removes the server in dir once this process is
// gone. It has a session of its own, so a Ctrl-C at the terminal or the end of
// the process group leaves it running; its output goes nowhere, so that go
// test does not wait for it.
func Watch(dir string) (*Watchdog, error) {
	cmd := exec.Command("/bin/sh", "-c", watchScript, "test-watchdog", dir) //nolint:noctx,gosec // it outlives this process on purpose; the folder is ours
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	return &Watchdog{cmd: cmd, hold: hold}, nil
}

// Guard tells the watchdog which process group to end, and by which signal.
func (w *Watchdog) Guard(signal string, group int) error {
	_, err := fmt.Fprintln(w.hold, signal, group)
	return err
}

// Rest tells the watchdog that nothing runs.
func (w *Watchdog) Rest() error { return w.Guard("0", 0) }

// Release lets the watchdog do its work and waits for it.
func (w *Watchdog) Release() {
	_ = w.hold.Close()
	_ = w.cmd.Wait()
}
