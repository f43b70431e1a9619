package confine

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// nobody is the user and group without rights, by convention.
const nobody = 65534

// dropPrivileges gives up root and all capabilities, hides the process's
// memory and /proc entries from others of the same user, and dies with its
// parent. Changing users clears that last wish, so it is made again.
func dropPrivileges() (string, error) {
	if err := threadsListed(); err != nil {
		return "", err
	}
	detail, rootErr := giveUpRoot()
	if err := dropCapabilities(); err != nil {
		return "", fmt.Errorf("cannot drop capabilities: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return "", fmt.Errorf("cannot hide memory from debuggers: %w", err)
	}
	if err := onAllThreads(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0); err != nil {
		return "", fmt.Errorf("cannot ask to die with the parent: %w", err)
	}
	return detail, rootErr
}

// giveUpRoot becomes nobody when the process is root. It stays root where the
// parent, who has the same capabilities, could not kill another user's child.
func giveUpRoot() (string, error) {
	if os.Geteuid() != 0 && os.Getuid() != 0 {
		return fmt.Sprintf("user %d", os.Getuid()), nil
	}
	if missing := missingCapability(unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_KILL); missing != "" {
		return "", errors.New("still user 0, without capabilities: " + missing +
			" is missing to run as another user; give it to the server or do not start the server as root")
	}
	// All three are tried: giving up some is better than none.
	groups, group, user := syscall.Setgroups(nil), syscall.Setresgid(nobody, nobody, nobody), syscall.Setresuid(nobody, nobody, nobody)
	if err := cmp.Or(groups, group, user); err != nil {
		return "", fmt.Errorf("cannot become user %d, capabilities are dropped: %w; map that user in the container or do not start the server as root", nobody, err)
	}
	return fmt.Sprintf("user %d instead of root", nobody), nil
}

// missingCapability names the first of the wanted that is not effective.
func missingCapability(wanted ...int) string {
	var sets [2]unix.CapUserData
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return "capget"
	}
	names := map[int]string{unix.CAP_SETUID: "CAP_SETUID", unix.CAP_SETGID: "CAP_SETGID", unix.CAP_KILL: "CAP_KILL"}
	for _, c := range wanted {
		if sets[c/32].Effective&(1<<(c%32)) == 0 {
			return names[c]
		}
	}
	return ""
}

// dropCapabilities empties all sets; the ambient one follows by itself, and
// the bounding set means nothing without new privileges.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	return onAllThreads(unix.SYS_CAPSET,
		uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets[0])), 0) //nolint:gosec // the call takes addresses
}

// refuseNewPrivileges makes set-user-id programs and file capabilities void.
func refuseNewPrivileges() error {
	if err := threadsListed(); err != nil {
		return err
	}
	if err := onAllThreads(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); err != nil {
		return fmt.Errorf("cannot refuse new privileges: %w", err)
	}
	return nil
}

// onAllThreads makes one system call on every thread, those of C as well,
// which syscall.AllThreadsSyscall refuses to.
//
//go:uintptrescapes
func onAllThreads(call, a, b, c uintptr) error {
	if _, _, errno := psx.Syscall6(call, a, b, c, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// threadsListed guards onAllThreads, which kills the process if it cannot
// list its threads.
func threadsListed() error {
	if _, err := os.ReadDir("/proc/self/task"); err != nil {
		return fmt.Errorf("cannot list threads, is /proc mounted? %w", err)
	}
	return nil
}
