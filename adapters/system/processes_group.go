package system

import (
	"os/exec"
	"sync"
)

// group is the process group of one program. It is never signalled once its
// number may belong to somebody else.
type group struct {
	mu     sync.Mutex
	id     int // 0 before its start and after its end
	killed bool
}

func (g *group) started(id int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.id = id
	if g.killed {
		killGroup(id)
	}
}

// kill ends every process of the group.
func (g *group) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.killed = true
	if g.id != 0 {
		killGroup(g.id)
	}
}

func (g *group) ended() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.id = 0
}

// await waits until the program has ended, kills what it left behind and waits
// for its output.
func (g *group) await(cmd *exec.Cmd) error {
	id := cmd.Process.Pid
	if awaitExit(id) { // it has ended, and keeps its number until Wait
		g.kill()
		g.ended()
		err := cmd.Wait()
		reapGroup(id)
		return err
	}
	err := cmd.Wait()
	g.kill()
	g.ended()
	return err
}
