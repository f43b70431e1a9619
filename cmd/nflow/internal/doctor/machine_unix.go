//go:build unix

package doctor

import (
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// writable asks whether files could be made in a directory, without making one.
func writable(folder string) error {
	if _, err := os.Stat(folder); err != nil {
		return err
	}
	return unix.Access(folder, unix.W_OK|unix.X_OK)
}

// freeSpace is what users may still write below a path, in bytes.
func freeSpace(path string) (int64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // the types differ between systems
}

// descriptorLimit is how many descriptors this process may have open.
func descriptorLimit() (int64, bool) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, false
	}
	return int64(min(uint64(limit.Cur), math.MaxInt64)), true //nolint:unconvert // the types differ between systems
}
