package sqlstore

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// holder names the process that has a lock on a file, as " by process 123";
// empty when the system does not say. Opening the file to ask for its locks would
// drop those that this process holds.
func holder(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	table, err := os.ReadFile("/proc/locks")
	if !ok || err != nil {
		return ""
	}
	for line := range strings.Lines(string(table)) {
		var kind, how, what, place string // 1: POSIX ADVISORY READ 123 08:01:456 1073741826 1073742335
		var n, pid int
		_, err := fmt.Sscanf(line, "%d: %s %s %s %d %s", &n, &kind, &how, &what, &pid, &place)
		if err == nil && pid > 0 && pid != os.Getpid() && strings.HasSuffix(place, fmt.Sprintf(":%d", stat.Ino)) {
			return fmt.Sprintf(" by process %d", pid)
		}
	}
	return ""
}
