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

// limitMemory lets the process add so many bytes to its private writable
// memory, and die if it wants more. RLIMIT_DATA counts what can be written;
// RLIMIT_AS would count the gigabytes of address space the runtime only
// reserves. The collector gets the bytes as its soft limit. The hard one is an
// eighth and 25 MiB above it, so that garbage, holes between what lives and a
// late thread do not kill; it is there to be far from what else runs here, not
// to be exact. Below 32 MiB that slack is most of the limit.
func limitMemory(bytes int64) (string, error) {
	if bytes <= 0 {
		return unlimited, nil
	}
	if raceDetector {
		return "", errors.New("built with the race detector, whose own memory has no bounds")
	}
	bytes = min(bytes, maxLimitBytes)
	used, err := writableBytes()
	if err != nil {
		return "", err
	}
	debug.SetMemoryLimit(runtimeBytes() + bytes)
	debug.SetMaxStack(int(min(maxStackBytes, bytes/4)))
	hard := uint64(used + bytes + bytes/8 + overshootBytes + lateThreads*threadBytes)
	if err := unix.Prlimit(0, unix.RLIMIT_DATA, &unix.Rlimit{Cur: hard, Max: hard}, nil); err != nil {
		return "", fmt.Errorf("cannot limit memory: %w", err)
	}
	return fmt.Sprintf("%d MiB more than %d MiB", bytes>>20, used>>20), nil
}

// writableBytes is the process's private writable memory, stacks included:
// what RLIMIT_DATA counts. It is the sixth number of statm, in pages.
func writableBytes() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("cannot tell how much memory is in use, is /proc mounted? %w", err)
	}
	fields := strings.Fields(string(text))
	if len(fields) < 6 {
		return 0, fmt.Errorf("/proc/self/statm has %d fields, want 6 or more", len(fields))
	}
	pages, err := strconv.ParseInt(fields[5], 10, 64)
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
