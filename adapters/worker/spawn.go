package worker

import (
	"runtime"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/confine"
)

// spawner starts processes from one operating system thread that lives as long
// as the pool: the kernel sends a child its parent-death signal when the thread
// that started it ends, not when the process does. The thread has given up what
// its children must not have.
type spawner struct{ work chan func() }

// newSpawner makes the thread. The error says what it could not give up.
func newSpawner(program string) (*spawner, error) {
	s := &spawner{work: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		ready <- confine.Thread(program)
		for f := range s.work {
			f()
		}
	}()
	return s, <-ready
}

// do calls f on the spawner's thread and waits for it.
func (s *spawner) do(f func()) {
	done := make(chan struct{})
	s.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

func (s *spawner) close() { close(s.work) }
