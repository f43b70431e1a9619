package confine

import (
	"crypto/rand"
	"os"
	"runtime"
	"sync"
	"time"
)

// spareThreads is how many threads WarmUp has beyond one per processor: the
// runtime's monitor, one per goroutine that may sit in a system call, and some
// for goroutines that lock theirs. A thread kept idle is reused; a new one
// would cost its whole stack (8 MiB under glibc) of the memory limit.
const spareThreads = 4

// processors is how many a child uses at most: one runs the script, the other
// collects its garbage and talks to the parent. More would let one script take
// the whole machine, and take a thread each.
const processors = 2

// WarmUp opens and starts what the runtime otherwise opens late: the local
// time zone, the source of randomness, the poller, the collector's workers,
// and threads to spare. Call it before Apply.
//
// It also fixes the number of processors. The runtime would go on reading a
// container's limit from a file that Apply closes, and take the failure for
// leave to use the whole machine.
func WarmUp() error {
	runtime.GOMAXPROCS(min(processors, runtime.GOMAXPROCS(0)))
	_, _ = time.Now().Zone()
	_ = time.Local.String()
	if _, err := rand.Read(make([]byte, 1)); err != nil {
		return err
	}
	if err := startPoller(); err != nil {
		return err
	}
	runtime.GC()
	startThreads(runtime.GOMAXPROCS(0) + spareThreads)
	return nil
}

// startPoller makes the runtime create its poller, which a pipe needs.
func startPoller() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // nothing was written
	defer w.Close() //nolint:errcheck // nothing was written
	return r.SetReadDeadline(time.Now().Add(time.Hour))
}

// startThreads holds n threads at once, so that the runtime has to make them.
// It keeps them for later goroutines.
func startThreads(n int) {
	var ready, done sync.WaitGroup
	release := make(chan struct{})
	for range n {
		ready.Add(1)
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			<-release
		})
	}
	ready.Wait()
	close(release)
	done.Wait()
}
