package confine

import (
	"fmt"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeInherited closes every descriptor but those to keep and the runtime's
// poller. The poller is told from an inherited one by its close-on-exec flag:
// what has that flag was not inherited.
func closeInherited(keep []int) error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("cannot list open descriptors, is /proc mounted? %w", err)
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || slices.Contains(keep, fd) || isPoller(fd) {
			continue
		}
		// The directory just read is listed too, and closed by now.
		if err := unix.Close(fd); err != nil && err != unix.EBADF {
			return fmt.Errorf("cannot close descriptor %d: %w", fd, err)
		}
	}
	return nil
}

// isPoller recognises the two descriptors of the runtime's poller.
func isPoller(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		return false
	}
	target, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	return err == nil && (target == "anon_inode:[eventpoll]" || target == "anon_inode:[eventfd]")
}

// clearEnvironment forgets all variables and leaves the folder the server
// works in. Files made in spite of everything are for nobody else.
func clearEnvironment() error {
	os.Clearenv()
	unix.Umask(0o077)
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("cannot leave the working directory: %w", err)
	}
	return nil
}
