package confine

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// lateThreads is how many threads the runtime may make after WarmUp
	// without that counting as the script's memory, and threadBytes what one
	// takes: glibc's stack, C's arena and Go's scheduler stack.
	lateThreads = 1
	threadBytes = 9 << 20
	// overshootBytes is what a script that makes garbage at full speed gets
	// ahead of the collector while that waits for a processor.
	overshootBytes = 16 << 20
	// maxStackBytes bounds one goroutine's stack. Deep recursion then ends
	// with a message of its own rather than as lack of memory.
	maxStackBytes = 64 << 20
	// maxLimitBytes keeps the sums below from overflowing.
	maxLimitBytes = 1 << 50
)

// arenaBytes is in what pieces Go asks for address space. The first begins at a
// random place and may be used up soon, so the limit leaves room for whole ones.
const arenaBytes = 64 << 20

// limitMemory lets the process add so many bytes to its address space, and die
// if it wants more. It is hard but not exact: up to two arenas more may be had;
// package child watches closer, and the collector gets the bytes as its soft
// limit. RLIMIT_DATA would be more exact, but the kernel does not check it where
// memory that was reserved is made usable, which is how Go's heap grows.
func limitMemory(bytes int64) (string, error) {
	if bytes <= 0 {
		return unlimited, nil
	}
	if raceDetector {
		return "", errors.New("built with the race detector, whose own memory has no bounds")
	}
	bytes = min(bytes, maxLimitBytes)
	used, err := addressSpace()
	if err != nil {
		return "", err
	}
	debug.SetMemoryLimit(runtimeBytes() + bytes)
	debug.SetMaxStack(int(min(maxStackBytes, bytes/4)))
	arenas := (bytes + bytes/8 + overshootBytes + arenaBytes - 1) / arenaBytes
	hard := uint64(used + arenas*arenaBytes + overshootBytes + lateThreads*threadBytes)
	if err := unix.Prlimit(0, unix.RLIMIT_AS, &unix.Rlimit{Cur: hard, Max: hard}, nil); err != nil {
		return "", fmt.Errorf("cannot limit memory: %w", err)
	}
	return fmt.Sprintf("%d MiB", bytes>>20), nil
}

// addressSpace is what RLIMIT_AS counts: the first number of statm, in pages.
func addressSpace() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("cannot tell how much memory is in use, is /proc mounted? %w", err)
	}
	first, _, _ := strings.Cut(string(text), " ")
	pages, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("/proc/self/statm: %w", err)
	}
	return pages * int64(os.Getpagesize()), nil
}

// runtimeBytes is what the runtime itself counts against its memory limit.
func runtimeBytes() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}
