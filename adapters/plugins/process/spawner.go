package process

import "runtime"

// spawner starts processes from one operating system thread that lives as long
// as the loader: the kernel sends a child its parent-death signal when the
// thread that started it ends, not when the process does.
type spawner struct{ work chan func() }

func newSpawner() *spawner {
	s := &spawner{work: make(chan func())}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for f := range s.work {
			f()
		}
	}()
	return s
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
