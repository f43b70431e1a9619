//go:build linux && (amd64 || arm64)

package confine

import (
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	allow  = unix.SECCOMP_RET_ALLOW
	kill   = unix.SECCOMP_RET_KILL_PROCESS
	lacks  = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
)

// decide runs the filter on one call. The machine in package bpf reads words
// in network order where the kernel has its own.
func decide(t *testing.T, vm *bpf.VM, arch, call uint32, args ...uint64) uint32 {
	t.Helper()
	seen := make([]byte, 64)
	binary.BigEndian.PutUint32(seen[offsetCall:], call)
	binary.BigEndian.PutUint32(seen[offsetArch:], arch)
	for i, arg := range args {
		binary.BigEndian.PutUint32(seen[offsetArgs+8*i:], uint32(arg))
		binary.BigEndian.PutUint32(seen[offsetArgs+8*i+4:], uint32(arg>>32))
	}
	action, err := vm.Run(seen)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(action)
}

func TestFilterArguments(t *testing.T) {
	vm, err := bpf.NewVM(program(100))
	if err != nil {
		t.Fatal(err)
	}
	const anonymous, private = unix.MAP_ANONYMOUS | unix.MAP_PRIVATE, unix.MAP_PRIVATE
	tests := []struct {
		name string
		call uint32
		args []uint64
		want uint32
	}{
		{"read", unix.SYS_READ, nil, allow},
		{"thread of glibc", unix.SYS_CLONE, []uint64{cThread}, allow},
		{"thread of musl", unix.SYS_CLONE, []uint64{cThreadDetached}, allow},
		{"thread of Go", unix.SYS_CLONE, []uint64{goThread}, allow},
		{"thread of Go on amd64", unix.SYS_CLONE, []uint64{goThread | unix.CLONE_SETTLS}, allow},
		{"fork", unix.SYS_CLONE, []uint64{uint64(unix.SIGCHLD)}, kill},
		{"thread with another exit signal", unix.SYS_CLONE, []uint64{cThread | uint64(unix.SIGCHLD)}, kill},
		{"thread traced", unix.SYS_CLONE, []uint64{cThread | unix.CLONE_PTRACE}, kill},
		{"clone3", unix.SYS_CLONE3, nil, lacks},
		{"signal to itself", unix.SYS_TGKILL, []uint64{100, 101, 23}, allow},
		{"signal to another", unix.SYS_TGKILL, []uint64{101, 101, 23}, kill},
		{"signal to all", unix.SYS_KILL, []uint64{^uint64(0), 9}, kill},
		{"signal to its group", unix.SYS_KILL, []uint64{0, 9}, kill},
		{"abort", unix.SYS_KILL, []uint64{100, 6}, allow},
		{"anonymous memory", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_READ | unix.PROT_WRITE, anonymous}, allow},
		{"reserved memory", unix.SYS_MMAP, []uint64{0, 1 << 40, unix.PROT_NONE, anonymous | unix.MAP_NORESERVE}, allow},
		{"memory for code", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_READ | unix.PROT_EXEC, anonymous}, kill},
		{"a file", unix.SYS_MMAP, []uint64{0, 4096, unix.PROT_READ, private, 3}, kill},
		{"write to memory", unix.SYS_MPROTECT, []uint64{4096, 4096, unix.PROT_READ | unix.PROT_WRITE}, allow},
		{"memory becomes code", unix.SYS_MPROTECT, []uint64{4096, 4096, unix.PROT_EXEC}, kill},
		{"name a thread", unix.SYS_PRCTL, []uint64{unix.PR_SET_NAME}, allow},
		{"outlive the parent", unix.SYS_PRCTL, []uint64{unix.PR_SET_PDEATHSIG}, refuse},
		{"a call of tomorrow", 2000, nil, lacks},
		{"open", unix.SYS_OPENAT, nil, lacks},
		{"socket", unix.SYS_SOCKET, nil, kill},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decide(t, vm, auditArch, tt.call, tt.args...); got != tt.want {
				t.Errorf("action %#x, want %#x", got, tt.want)
			}
		})
	}
	if got := decide(t, vm, unix.AUDIT_ARCH_I386, unix.SYS_READ); got != kill {
		t.Errorf("a call of another architecture: %#x", got)
	}
	if got := decide(t, vm, auditArch, foreignCalls|unix.SYS_READ); foreignCalls != 0xffffffff && got != kill {
		t.Errorf("a call of another interface: %#x", got)
	}
}

// TestFilterAllowsNoMore goes through all numbers: with arguments of zeros,
// only the listed calls are allowed.
func TestFilterAllowsNoMore(t *testing.T) {
	vm, err := bpf.NewVM(program(100))
	if err != nil {
		t.Fatal(err)
	}
	listed := append(allowedCalls(), unix.SYS_MPROTECT) // PROT_NONE
	for call := range uint32(1024) {
		got := decide(t, vm, auditArch, call, 0, 0, 0, 0, 0, 0)
		if (got == allow) != slices.Contains(listed, call) {
			t.Errorf("call %d: %#x", call, got)
		}
	}
}
