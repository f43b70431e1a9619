package system

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// keepDescriptors sees to it that programs do not inherit what this process was
// started with, such as a log of its supervisor. All it opens itself is not
// inherited anyway.
func keepDescriptors() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func executable(info fs.FileInfo) bool { return info.Mode()&0o111 != 0 }

func killGroup(id int) { _ = syscall.Kill(-id, syscall.SIGKILL) } // it may have ended

// awaitExit waits until a child has ended, without forgetting it: its number
// stays taken, so that its group can still be signalled.
func awaitExit(pid int) bool {
	const byPID, exited, keep = 1, 4, 0x1000000 // P_PID, WEXITED, WNOWAIT
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(pid), 0, exited|keep, 0, 0)
		if errno != syscall.EINTR {
			return errno == 0
		}
	}
}

// reapGroup forgets processes of a killed group that became children of this
// one, as all orphans do when it is the first process of a container.
func reapGroup(id int) {
	for {
		if _, err := syscall.Wait4(-id, nil, 0, nil); err != nil && err != syscall.EINTR {
			return
		}
	}
}
