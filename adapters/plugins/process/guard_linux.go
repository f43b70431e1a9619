package process

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// guard is a small process that outlives a killed server for a moment, to end
// what plugins started: the kernel ends only the plugins themselves. It is a
// shell, which costs a megabyte; without one the next server clears up.
type guard struct {
	cmd *exec.Cmd
	in  *os.File // it notices its end; nobody else has it

	mu     sync.Mutex
	groups map[int]struct{}
}

// guardScript remembers the newest list of groups until its input ends.
const guardScript = `trap '' HUP INT TERM
groups=
while read -r line; do groups=$line; done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done`

// newGuard starts the process; nil when there is no shell.
func newGuard() *guard {
	out, in, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer out.Close()                                 //nolint:errcheck // the child has its own
	cmd := exec.Command("/bin/sh", "-c", guardScript) //nolint:noctx // it lives as long as the loader
	cmd.Stdin, cmd.Dir, cmd.Env = out, "/", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = in.Close() // nobody reads
		return nil
	}
	return &guard{cmd: cmd, in: in, groups: map[int]struct{}{}}
}

func (g *guard) add(group int)    { g.change(func() { g.groups[group] = struct{}{} }) }
func (g *guard) remove(group int) { g.change(func() { delete(g.groups, group) }) }

const guardPatience = time.Second

func (g *guard) change(f func()) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
	var line strings.Builder
	for _, group := range slices.Sorted(maps.Keys(g.groups)) {
		line.WriteString(strconv.Itoa(group) + " ")
	}
	line.WriteByte('\n')
	_ = g.in.SetWriteDeadline(time.Now().Add(guardPatience)) // pipes can
	_, _ = g.in.WriteString(line.String())                   // it may have been killed
}

// close ends the guard, once no plugin is left.
func (g *guard) close() {
	if g == nil {
		return
	}
	_ = g.in.Close()         // which is the request
	_ = g.cmd.Process.Kill() // or this
	_ = g.cmd.Wait()
}
