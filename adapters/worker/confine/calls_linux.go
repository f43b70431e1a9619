//go:build linux && (amd64 || arm64)

package confine

import "golang.org/x/sys/unix"

// The list answers each system call in one of three ways.
//
// Allowed is what Go's runtime, C's threads and reading and writing open
// descriptors need, and nothing that names anything outside the process.
//
// Fatal is what only an escape would do: start programs, open sockets, reach
// other processes, change files, load code, use the kernel's wider
// interfaces. The script has broken out of its engine by then, so the process
// is killed and gets no second try; the parent sees it (see CauseOf).
//
// All else fails as on a kernel that lacks the call (ENOSYS), for Go and C
// try a few such things by themselves (opening zone files, newer calls first,
// clone3 before clone) and know how to go on without. An answer of EPERM
// would stop them, and death would make a harmless look-up fatal.

// allowedCalls may be made with any arguments.
func allowedCalls() []uint32 {
	return append(archAllowed(),
		// Talking over open descriptors, and waiting for them.
		unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_CLOSE,
		unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_PWAIT2, unix.SYS_EPOLL_CTL,
		// Threads.
		unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SET_ROBUST_LIST,
		unix.SYS_RSEQ, unix.SYS_SET_TID_ADDRESS, unix.SYS_GETPID, unix.SYS_GETTID,
		unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
		// Memory; mmap and mprotect have conditions.
		unix.SYS_MUNMAP, unix.SYS_MADVISE, unix.SYS_BRK,
		// Signals of its own.
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK,
		unix.SYS_RESTART_SYSCALL,
		// Clocks and chance.
		unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES,
		unix.SYS_GETTIMEOFDAY, unix.SYS_GETRANDOM,
	)
}

// fatalCalls kill the process.
func fatalCalls() []uint32 {
	return append(archFatal(),
		// Programs.
		unix.SYS_EXECVE, unix.SYS_EXECVEAT,
		// Sockets.
		unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN,
		unix.SYS_ACCEPT, unix.SYS_ACCEPT4, unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG,
		unix.SYS_RECVMSG, unix.SYS_RECVMMSG,
		// Other processes.
		unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE,
		unix.SYS_PIDFD_GETFD, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO,
		unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_KCMP, unix.SYS_SETPGID, unix.SYS_SETSID,
		unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN,
		// Changing files.
		unix.SYS_UNLINKAT, unix.SYS_RENAMEAT2, unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_MKDIRAT,
		unix.SYS_MKNODAT, unix.SYS_FCHMODAT, unix.SYS_FCHMOD, unix.SYS_FCHOWNAT, unix.SYS_FCHOWN,
		unix.SYS_TRUNCATE, unix.SYS_FTRUNCATE, unix.SYS_FALLOCATE, unix.SYS_SETXATTR, unix.SYS_UTIMENSAT,
		// File systems and name spaces.
		unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE,
		unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_MOUNT_SETATTR, unix.SYS_UNSHARE, unix.SYS_SETNS,
		unix.SYS_OPEN_BY_HANDLE_AT,
		// Privileges.
		unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID,
		unix.SYS_SETRESGID, unix.SYS_SETGROUPS, unix.SYS_CAPSET, unix.SYS_PERSONALITY,
		unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
		// The kernel's wider interfaces.
		unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_IO_URING_SETUP,
		unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, unix.SYS_IO_SETUP, unix.SYS_MEMFD_CREATE,
		unix.SYS_MEMFD_SECRET, unix.SYS_SECCOMP, unix.SYS_KEXEC_LOAD, unix.SYS_INIT_MODULE,
		unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_REBOOT, unix.SYS_SWAPON,
		unix.SYS_SYSLOG, unix.SYS_ACCT, unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_SETHOSTNAME,
		unix.SYS_PKEY_MPROTECT, unix.SYS_REMAP_FILE_PAGES,
	)
}

const (
	// cThread is how glibc makes a thread, cThreadDetached musl, and goThread
	// the runtime without C, on amd64 with CLONE_SETTLS. Anything else would be
	// a process.
	goThread = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_SYSVSEM |
		unix.CLONE_THREAD
	cThread         = goThread | unix.CLONE_SETTLS | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID
	cThreadDetached = cThread | unix.CLONE_DETACHED
)

// conditionalCalls may be made with some arguments. Pid is the process's own
// id, as it sees it.
func conditionalCalls(pid int) []rule {
	self := condition{arg: 0, mask: wholeWord, values: []uint32{uint32(pid)}}
	return []rule{
		{call: unix.SYS_CLONE, otherwise: unix.SECCOMP_RET_KILL_PROCESS,
			when: []condition{{arg: 0, mask: wholeWord, values: []uint32{goThread, goThread | unix.CLONE_SETTLS, cThread, cThreadDetached}}}},
		// The runtime signals its own threads to pre-empt goroutines.
		{call: unix.SYS_TGKILL, otherwise: unix.SECCOMP_RET_KILL_PROCESS, when: []condition{self}},
		{call: unix.SYS_KILL, otherwise: unix.SECCOMP_RET_KILL_PROCESS, when: []condition{self}},
		// Memory is anonymous and never becomes code.
		{call: unix.SYS_MMAP, otherwise: unix.SECCOMP_RET_KILL_PROCESS, when: []condition{
			{arg: 2, mask: unix.PROT_EXEC, values: []uint32{0}},
			{arg: 3, mask: unix.MAP_ANONYMOUS, values: []uint32{unix.MAP_ANONYMOUS}}}},
		{call: unix.SYS_MPROTECT, otherwise: unix.SECCOMP_RET_KILL_PROCESS,
			when: []condition{{arg: 2, mask: unix.PROT_EXEC, values: []uint32{0}}}},
		// Names of threads and of memory.
		{call: unix.SYS_PRCTL, otherwise: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM),
			when: []condition{{arg: 0, mask: wholeWord, values: []uint32{unix.PR_SET_NAME, unix.PR_SET_VMA}}}},
	}
}
