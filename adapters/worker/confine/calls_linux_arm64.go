package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// foreignCalls is where numbers of another interface begin: nowhere here.
const foreignCalls = 0xffffffff

// archAllowed are allowed calls other architectures do not have.
func archAllowed() []uint32 { return nil }

// archFatal are fatal calls other architectures do not have.
func archFatal() []uint32 { return []uint32{unix.SYS_RENAMEAT, unix.SYS_KEXEC_FILE_LOAD} }
