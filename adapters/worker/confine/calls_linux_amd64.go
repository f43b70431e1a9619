package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// foreignCalls is where numbers of the x32 interface begin, which come under
// the same architecture and name the same calls again.
const foreignCalls = 0x40000000

// archAllowed are allowed calls other architectures do not have.
func archAllowed() []uint32 { return []uint32{unix.SYS_EPOLL_WAIT, unix.SYS_TIME} }

// archFatal are fatal calls other architectures do not have.
func archFatal() []uint32 {
	return []uint32{
		unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_UNLINK, unix.SYS_RENAME, unix.SYS_RENAMEAT, unix.SYS_LINK, unix.SYS_SYMLINK,
		unix.SYS_MKDIR, unix.SYS_RMDIR, unix.SYS_MKNOD, unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_CREAT,
		unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_KEXEC_FILE_LOAD,
	}
}
