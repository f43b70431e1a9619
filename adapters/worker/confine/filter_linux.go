//go:build linux && (amd64 || arm64)

package confine

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Where the kernel puts what a filter sees: the call's number, the
// architecture, and six arguments of eight bytes, low word first.
const (
	offsetCall = 0
	offsetArch = 4
	offsetArgs = 16
	word       = 4
)

// wholeWord compares an argument's low 32 bits. All arguments in use are ints
// to the kernel, or flags that lie there.
const wholeWord = 0xffffffff

// condition holds when an argument, masked, is one of the values.
type condition struct {
	arg    uint32
	mask   uint32
	values []uint32
}

// rule allows one call when all conditions hold, and answers otherwise else.
type rule struct {
	call      uint32
	when      []condition
	otherwise uint32
}

// program is the filter: first match decides, no match is ENOSYS. Calls of
// another architecture or interface are fatal, for the numbers mean other
// calls there.
func program(pid int) []bpf.Instruction {
	out := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offsetArch, Size: word},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArch, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
		bpf.LoadAbsolute{Off: offsetCall, Size: word},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: foreignCalls, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
	}
	for _, call := range allowedCalls() {
		out = append(out, answer(call, unix.SECCOMP_RET_ALLOW)...)
	}
	for _, r := range conditionalCalls(pid) {
		out = append(out, r.instructions()...)
	}
	for _, call := range fatalCalls() {
		out = append(out, answer(call, unix.SECCOMP_RET_KILL_PROCESS)...)
	}
	return append(out, bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)})
}

// answer decides one call whatever its arguments.
func answer(call, action uint32) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: call, SkipFalse: 1},
		bpf.RetConstant{Val: action},
	}
}

// instructions decides one call by its arguments. It never falls through for
// that call, so that it may overwrite the register holding the number.
func (r rule) instructions() []bpf.Instruction {
	var body []bpf.Instruction
	for _, c := range r.when {
		body = append(body,
			bpf.LoadAbsolute{Off: offsetArgs + 2*word*c.arg, Size: word},
			bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: c.mask})
		for i, value := range c.values {
			body = append(body, bpf.JumpIf{Cond: bpf.JumpEqual, Val: value, SkipTrue: uint8(len(c.values) - i)})
		}
		body = append(body, bpf.RetConstant{Val: r.otherwise})
	}
	body = append(body, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
	return append([]bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: r.call, SkipFalse: uint8(len(body))},
	}, body...)
}
