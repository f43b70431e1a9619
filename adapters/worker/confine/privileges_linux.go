package confine

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// nobody is the user and group without rights, by convention.
const nobody = 65534

// dropPrivileges gives up root, hides the process's memory and /proc entries
// from others of the same user, and dies with its parent. Changing users clears
// that last wish, so it is made again; that one thread has it is enough.
func dropPrivileges() (string, error) {
	detail, rootErr := giveUpRoot()
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return "", fmt.Errorf("cannot hide memory from debuggers: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return "", fmt.Errorf("cannot ask to die with the parent: %w", err)
	}
	if rootErr != nil {
		return "", rootErr
	}
	sets, err := capabilities()
	if err == nil && sets[0].Permitted|sets[1].Permitted != 0 {
		err = errors.New("capabilities are left")
	}
	return detail, err
}

// giveUpRoot becomes nobody when the process is root. It stays root where the
// parent, who has the same capabilities, could not kill another user's child.
func giveUpRoot() (string, error) {
	if os.Geteuid() != 0 && os.Getuid() != 0 {
		return fmt.Sprintf("user %d", os.Getuid()), nil
	}
	if missing := missingCapability(unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_KILL); missing != "" {
		return "", errors.New("still user 0: " + missing +
			" is missing to run as another user; give it to the server or do not start the server as root")
	}
	// All three are tried: giving up some is better than none.
	groups, group, user := syscall.Setgroups(nil), syscall.Setresgid(nobody, nobody, nobody), syscall.Setresuid(nobody, nobody, nobody)
	if err := cmp.Or(groups, group, user); err != nil {
		return "", fmt.Errorf("cannot become user %d: %w; map that user in the container or do not start the server as root", nobody, err)
	}
	return fmt.Sprintf("user %d instead of root", nobody), nil
}

// missingCapability names the first of the wanted that is not effective.
func missingCapability(wanted ...int) string {
	sets, err := capabilities()
	if err != nil {
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

// capabilities are those of the calling thread, of which all others are copies.
func capabilities() (sets [2]unix.CapUserData, err error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return sets, fmt.Errorf("cannot tell capabilities: %w", err)
	}
	return sets, nil
}

// refusesNewPrivileges reports whether set-user-id programs and file
// capabilities are void: Thread saw to it before the process began.
func refusesNewPrivileges() error {
	set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	if err != nil {
		return fmt.Errorf("cannot tell about new privileges: %w", err)
	}
	if set != 1 {
		return errors.New("the server could not refuse them to the thread that starts its children")
	}
	return nil
}
