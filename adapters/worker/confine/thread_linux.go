package confine

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Thread takes rights from the calling thread that the children it starts
// inherit: it cannot gain privileges, passes no capabilities on, and may use no
// files but those a start of program needs. Nothing else of this process is
// touched. The caller has called runtime.LockOSThread, never unlocks, and uses
// the thread for nothing but starting children; see ProcAttr.
//
// What cannot be taken is an error, and children report it as missing.
//
// A process can only confine itself thread by thread, or by interrupting all of
// them with a signal, which now and then never ends in a busy Go program. One
// thread, and what is born of it, has no such trouble.
func Thread(program string) error {
	if err := passNoCapabilities(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot refuse new privileges: %w", err)
	}
	version, err := landlockVersion()
	if err != nil {
		return err
	}
	allowed, err := neededToStart(program)
	if err != nil {
		return err
	}
	return restrictThread(version, allowed)
}

// passNoCapabilities empties what a program started by a user other than root
// would inherit. What root passes on, Apply gives up.
func passNoCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return fmt.Errorf("cannot tell capabilities: %w", err)
	}
	sets[0].Inheritable, sets[1].Inheritable = 0, 0 // and with them the ambient ones
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return fmt.Errorf("cannot keep capabilities from children: %w", err)
	}
	return nil
}

// neededToStart lists the files that a program needs to start, WarmUp and Apply
// included: itself and its libraries, which are those this process has mapped,
// the local time, and what the kernel tells it about itself and the machine.
func neededToStart(program string) (map[string]uint64, error) {
	allowed := map[string]uint64{
		program: executeFile, "/etc/ld.so.cache": readFile, "/etc/localtime": readFile, "/usr/share/zoneinfo": readFolder,
		"/proc": readFolder, "/sys/kernel/mm/transparent_hugepage": readFolder, "/sys/fs/cgroup": readFolder,
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil, fmt.Errorf("cannot tell which libraries are in use, is /proc mounted? %w", err)
	}
	defer maps.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		if at := strings.IndexByte(lines.Text(), '/'); at >= 0 && !strings.HasSuffix(lines.Text(), " (deleted)") {
			allowed[lines.Text()[at:]] = executeFile
		}
	}
	return allowed, lines.Err()
}
