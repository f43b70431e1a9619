package stdout

import "syscall"

// take lets descriptor 1 mean the standard error and returns another one for what
// it meant before.
func take() int {
	if !Started() {
		return -1
	}
	fd, err := syscall.Dup(1)
	if err != nil {
		return -1
	}
	syscall.CloseOnExec(fd)
	if err := syscall.Dup3(2, 1, 0); err != nil {
		_ = syscall.Close(fd)
		return -1
	}
	return fd
}
