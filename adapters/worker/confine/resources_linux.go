package confine

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// limitResources allows no new descriptor, no growing file and no core dump.
// Descriptors already open stay usable. The number of processes is not
// limited: it counts a whole user's threads, which would stop the runtime from
// making its own, and seccomp refuses processes anyway.
func limitResources() error {
	limits := []struct {
		name     string
		resource int
	}{
		{"descriptors", unix.RLIMIT_NOFILE},
		{"file size", unix.RLIMIT_FSIZE},
		{"core dumps", unix.RLIMIT_CORE},
		{"message queues", unix.RLIMIT_MSGQUEUE},
		{"locked memory", unix.RLIMIT_MEMLOCK},
	}
	for _, l := range limits {
		if err := unix.Prlimit(0, l.resource, &unix.Rlimit{}, nil); err != nil {
			return fmt.Errorf("cannot limit %s: %w", l.name, err)
		}
	}
	return nil
}
