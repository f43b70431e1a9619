package confine

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lockedFiles reports whether Landlock holds: Thread gave it to the process
// before it began. It refuses all that this kernel knows to refuse: use of files
// (ABI 1) except reading what a start needs, TCP (4), signals and abstract
// sockets to processes outside (6). What an older kernel lacks, and that
// reading, seccomp refuses as well.
func lockedFiles() (string, error) {
	version, err := landlockVersion()
	if err != nil {
		return "", err
	}
	root, err := os.Open("/")
	if err == nil {
		_ = root.Close() // it was only a question
		return "", errors.New("the server could not apply Landlock to the thread that starts its children")
	}
	return fmt.Sprintf("ABI %d", version), nil
}

// landlockVersion is the ABI version of this kernel, at least 1.
func landlockVersion() (int, error) {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 || version < 1 {
		return 0, errors.New("the kernel has no Landlock, or it is off: it needs Linux 5.13 and landlock in lsm= at boot")
	}
	return int(version), nil
}

const (
	readFile    = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readFolder  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	executeFile = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE
)

// refused is everything that a version of Landlock can refuse.
func refused(version int) unix.LandlockRulesetAttr {
	rights := unix.LandlockRulesetAttr{Handled_access_fs: 1<<13 - 1} // of ABI 1: all up to MAKE_SYM
	for _, since := range []struct {
		version int
		right   uint64
	}{{2, unix.LANDLOCK_ACCESS_FS_REFER}, {3, unix.LANDLOCK_ACCESS_FS_TRUNCATE}, {5, unix.LANDLOCK_ACCESS_FS_IOCTL_DEV}} {
		if version >= since.version {
			rights.Handled_access_fs |= since.right
		}
	}
	if version >= 4 {
		rights.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 6 {
		rights.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return rights
}

// restrictThread gives the calling thread, and what it starts, a Landlock domain
// in which only the given files can be used. Files that do not exist are left
// out.
func restrictThread(version int, allowed map[string]uint64) error {
	rights := refused(version)
	size := unsafe.Offsetof(rights.Quiet_access_fs)                                                           // what older kernels do not know must be left out or zero
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rights)), size, 0) //nolint:gosec // G103: the call takes an address
	if errno != 0 {
		return fmt.Errorf("cannot make a Landlock rule set: %w", errno)
	}
	defer unix.Close(int(fd)) //nolint:errcheck // the rules are in force or not by then
	for path, right := range allowed {
		if err := allowFile(int(fd), path, right); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot allow %s: %w", path, err)
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return fmt.Errorf("cannot apply Landlock: %w", errno)
	}
	return nil
}

// allowFile adds a rule for a file, or a folder and all that is below.
func allowFile(rules int, path string, right uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd) //nolint:errcheck // only its name was used
	rule := unix.LandlockPathBeneathAttr{Allowed_access: right, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0) //nolint:gosec // G103: the call takes an address
	if errno != 0 {
		return errno
	}
	return nil
}
