//go:build unix

package redistest

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

// watchScript reads process groups until its input ends, kills the last one (0 =
// none runs) and removes the folder $1. A server that hangs hears no other signal.
const watchScript = `
group=0
while read -r g; do group=$g; done
if [ "$group" -gt 0 ]; then
	kill -s KILL -- "-$group" 2>/dev/null
fi
rm -rf "$1"
`

type watchdog struct {
	cmd  *exec.Cmd
	hold io.WriteCloser
}

// watch starts a shell that removes the server in dir once this process is gone.
// It has a session of its own, so a Ctrl-C at the terminal or the end of the
// process group leaves it running; its output goes nowhere, so that go test does
// not wait for it.
func watch(dir string) (*watchdog, error) {
	cmd := exec.Command("/bin/sh", "-c", watchScript, "redistest-watchdog", dir) //nolint:noctx,gosec // it outlives this process on purpose; the folder is ours
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("redistest: watchdog: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("redistest: watchdog: %w", err)
	}
	return &watchdog{cmd: cmd, hold: hold}, nil
}

// guard tells the watchdog which process group to kill; 0 = none.
func (w *watchdog) guard(group int) error {
	_, err := fmt.Fprintln(w.hold, group)
	return err
}

// release lets the watchdog do its work and waits for it.
func (w *watchdog) release() {
	_ = w.hold.Close()
	_ = w.cmd.Wait()
}
