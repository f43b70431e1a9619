package confine

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// acts are what children do once confined, by name.
func acts() map[string]func() error {
	all := map[string]func() error{
		"wait":        wait,
		"nothing":     func() error { return nil },
		"environment": environment,
	}
	for name, act := range workActs() {
		all[name] = act
	}
	for name, d := range denied() {
		all[name] = d.act
	}
	return all
}

// wait ends when the parent closes standard input.
func wait() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func environment() error {
	if len(os.Environ()) > 0 {
		return errors.New("variables left")
	}
	return nil
}

// deed is something a confined process must not be able to do.
type deed struct {
	act   func() error
	fatal bool // the process dies; otherwise it gets an error
}

func open(name string, flags int) deed {
	return deed{act: func() error {
		f, err := os.OpenFile(name, flags, 0o600)
		if err == nil {
			f.Close()
		}
		return err
	}}
}

// raw makes a system call that must not come back.
func raw(call uintptr, args ...uintptr) deed {
	return deed{fatal: true, act: func() error { return sysCall(call, args...) }}
}

func sysCall(call uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, errno := unix.Syscall6(call, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
		return errno
	}
	return nil
}

func fails(act func() error) deed { return deed{act: act} }
func dies(act func() error) deed  { return deed{act: act, fatal: true} }

func path(name string) uintptr {
	p, _ := unix.BytePtrFromString(name)
	return uintptr(unsafe.Pointer(p))
}

// denied lists them by name.
func denied() map[string]deed {
	parent := os.Getppid()
	return map[string]deed{
		"read a file":                     open("/etc/passwd", os.O_RDONLY),
		"read a device":                   open("/dev/zero", os.O_RDONLY),
		"read its own /proc":              open("/proc/self/environ", os.O_RDONLY),
		"read its parent's /proc":         open("/proc/1/environ", os.O_RDONLY),
		"write its own memory":            open("/proc/self/mem", os.O_RDWR),
		"create a file":                   open("/tmp/nflow-confined", os.O_CREATE|os.O_WRONLY),
		"list a folder":                   fails(func() error { _, err := os.ReadDir("/"); return err }),
		"look at a file":                  fails(func() error { _, err := os.Stat("/etc/passwd"); return err }),
		"read a link":                     fails(func() error { _, err := os.Readlink("/proc/self/exe"); return err }),
		"ask for the working directory":   fails(func() error { _, err := unix.Getcwd(make([]byte, 99)); return err }),
		"open a descriptor's file again":  open("/proc/self/fd/1", os.O_WRONLY),
		"open with openat2":               fails(func() error { _, err := unix.Openat2(-100, "/", &unix.OpenHow{}); return err }),
		"copy a descriptor":               fails(func() error { _, err := unix.Dup(0); return err }),
		"make a pipe":                     fails(func() error { _, _, err := os.Pipe(); return err }),
		"make a poller":                   fails(func() error { _, err := unix.EpollCreate1(0); return err }),
		"watch files":                     fails(func() error { _, err := unix.InotifyInit1(0); return err }),
		"control a terminal":              fails(func() error { _, err := unix.IoctlGetTermios(0, unix.TCGETS); return err }),
		"change the working directory":    fails(func() error { return os.Chdir("/tmp") }),
		"raise a limit":                   fails(func() error { return unix.Prlimit(0, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 9, Max: 9}, nil) }),
		"limit its parent":                fails(func() error { return unix.Prlimit(parent, unix.RLIMIT_NOFILE, &unix.Rlimit{}, nil) }),
		"become dumpable again":           fails(func() error { return unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) }),
		"outlive its parent":              fails(func() error { return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0) }),
		"raise its priority":              fails(func() error { return unix.Setpriority(unix.PRIO_PROCESS, 0, -5) }),
		"follow a process":                fails(func() error { _, err := unix.PidfdOpen(parent, 0); return err }),
		"another Landlock":                fails(func() error { return sysCall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, 1) }),
		"ask who it is on the network":    fails(func() error { _, err := os.Hostname(); return err }),
		"make a thread by clone3":         fails(func() error { return sysCall(unix.SYS_CLONE3, 0, 0) }),
		"remove a file":                   dies(func() error { return unix.Unlink("/tmp/nflow-confined") }),
		"rename a file":                   dies(func() error { return os.Rename("/tmp/nflow-confined", "/tmp/nflow-other") }),
		"make a folder":                   dies(func() error { return os.Mkdir("/tmp/nflow-confined", 0o700) }),
		"make a link":                     dies(func() error { return os.Symlink("/", "/tmp/nflow-confined") }),
		"change a mode":                   dies(func() error { return os.Chmod("/tmp", 0o777) }),
		"shorten a file":                  dies(func() error { return os.Truncate("/tmp/nflow-confined", 0) }),
		"start a program":                 fails(func() error { return exec.Command("/bin/true").Run() }),
		"become a program":                dies(func() error { return syscall.Exec("/bin/true", nil, nil) }),
		"become a program by descriptor":  raw(unix.SYS_EXECVEAT, 0, path(""), 0, 0, unix.AT_EMPTY_PATH),
		"fork":                            raw(unix.SYS_CLONE, uintptr(syscall.SIGCHLD)),
		"share memory with a new process": raw(unix.SYS_CLONE, unix.CLONE_VM|unix.CLONE_VFORK|uintptr(syscall.SIGCHLD)),
		"make a thread in a name space":   raw(unix.SYS_CLONE, unix.CLONE_VM|unix.CLONE_SIGHAND|unix.CLONE_THREAD|unix.CLONE_NEWUSER),
		"leave the name spaces":           raw(unix.SYS_UNSHARE, unix.CLONE_NEWUSER),
		"open a socket":                   dies(func() error { _, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); return err }),
		"open a Unix socket":              dies(func() error { _, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0); return err }),
		"open a netlink socket":           dies(func() error { _, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, 0); return err }),
		"connect":                         dies(func() error { _, err := net.Dial("tcp", "127.0.0.1:9"); return err }),
		"listen":                          dies(func() error { _, err := net.Listen("tcp", "127.0.0.1:0"); return err }),
		"pass a descriptor":               raw(unix.SYS_SENDMSG, 1, 0, 0),
		"signal its parent":               dies(func() error { return unix.Kill(parent, 0) }),
		"signal everybody":                dies(func() error { return unix.Kill(-1, 0) }),
		"signal its group":                dies(func() error { return unix.Kill(0, 0) }),
		"signal a thread elsewhere":       dies(func() error { return unix.Tgkill(parent, parent, 0) }),
		"signal by thread alone":          raw(unix.SYS_TKILL, uintptr(parent), 0),
		"trace its parent":                dies(func() error { return unix.PtraceAttach(parent) }),
		"read its parent's memory":        raw(unix.SYS_PROCESS_VM_READV, uintptr(parent), 0, 0, 0, 0, 0),
		"write its parent's memory":       raw(unix.SYS_PROCESS_VM_WRITEV, uintptr(parent), 0, 0, 0, 0, 0),
		"take a descriptor from another":  raw(unix.SYS_PIDFD_GETFD, 0, 0, 0),
		"write code and run it":           dies(func() error { return mapping(unix.PROT_WRITE | unix.PROT_EXEC) }),
		"map a descriptor":                raw(unix.SYS_MMAP, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE, 0, 0),
		"make memory executable":          raw(unix.SYS_MPROTECT, 0, 4096, unix.PROT_READ|unix.PROT_EXEC),
		"make a file of memory":           raw(unix.SYS_MEMFD_CREATE, path("x"), 0),
		"use io_uring":                    raw(unix.SYS_IO_URING_SETUP, 1, 0),
		"use bpf":                         raw(unix.SYS_BPF, 0, 0, 0),
		"use userfaultfd":                 raw(unix.SYS_USERFAULTFD, 0),
		"count processor events":          raw(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0, 0, 0),
		"mount":                           raw(unix.SYS_MOUNT, 0, 0, 0, 0, 0),
		"change the root":                 raw(unix.SYS_CHROOT, path("/")),
		"become root":                     raw(unix.SYS_SETUID, 0),
		"gain capabilities":               raw(unix.SYS_CAPSET, 0, 0),
		"use keys of the kernel":          raw(unix.SYS_KEYCTL, 0, 0, 0, 0, 0),
		"another filter":                  raw(unix.SYS_SECCOMP, 0, 0, 0),
		"load a module":                   raw(unix.SYS_FINIT_MODULE, 0, 0, 0),
		"reboot":                          raw(unix.SYS_REBOOT, 0, 0, 0, 0),
		"set the clock":                   raw(unix.SYS_SETTIMEOFDAY, 0, 0),
		"make shared memory":              raw(unix.SYS_SHMGET, 0, 4096, 0),
	}
}

func mapping(protection int) error {
	_, err := unix.Mmap(-1, 0, 4096, protection, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	return err
}
