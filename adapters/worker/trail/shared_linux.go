package trail

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// New makes a trail and the file to hand to the other process.
func New() (*Trail, *os.File, error) {
	fd, err := unix.MemfdCreate("nflow-trail", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(fd), "nflow-trail")
	if err := file.Truncate(Size); err != nil {
		return nil, nil, join(err, file)
	}
	// Whoever holds the file must not be able to shrink it under the other.
	if _, err := unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL); err != nil {
		return nil, nil, join(os.NewSyscallError("fcntl", err), file)
	}
	t, err := Open(file)
	if err != nil {
		return nil, nil, join(err, file)
	}
	return t, file, nil
}

// Open maps the memory of a file that New made. The file can be closed.
func Open(file *os.File) (*Trail, error) {
	memory, err := syscall.Mmap(int(file.Fd()), 0, Size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return over(memory), nil
}

// Close gives the memory back. The trail must not be used any more.
func (t *Trail) Close() error {
	memory := t.memory
	t.memory = nil
	return syscall.Munmap(memory)
}

func join(err error, file *os.File) error {
	_ = file.Close() // the first error says more
	return err
}
