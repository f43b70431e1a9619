package confine

import (
	"os/exec"
	"testing"
)

func TestCauseOf(t *testing.T) {
	const exit2, abort = "exit 2", "kill -ABRT $$"
	tests := []struct {
		name   string
		end    string // how a shell ends
		stderr string
		want   Cause
	}{
		{"success", "exit 0", "", Exited},
		{"success with words", "exit 0", "fatal error: out of memory\n", Exited},
		{"killed", "kill -KILL $$", "", Killed},
		{"killed after words", "kill -KILL $$", "fatal error: out of memory\n", Killed},
		{"denied call", "kill -SYS $$", "", Denied},
		{"a block too big", exit2, "runtime: out of memory: cannot allocate 1073741824-byte block (8 in use)\nfatal error: out of memory\n", OutOfMemory},
		{"pages", exit2, "fatal error: runtime: out of memory\n", OutOfMemory},
		{"tables", exit2, "fatal error: runtime: cannot allocate memory\n", OutOfMemory},
		{"an arena", exit2, "fatal error: out of memory allocating heap arena map\n", OutOfMemory},
		{"a thread of C", abort, "runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\n", OutOfMemory},
		{"the collector's nil pointer", exit2, "SIGSEGV: segmentation violation\nPC=0x4365fd m=4 sigcode=1 addr=0x0\n\ngoroutine 0 gp=0x2d\n", OutOfMemory},
		{"the runtime's nil pointer", exit2, "fatal error: unexpected signal during runtime execution\n" +
			"[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x437]\n", OutOfMemory},
		{"a nil pointer of ours", exit2, "panic: runtime error: invalid memory address or nil pointer dereference\n" +
			"[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x437]\n", Crashed},
		{"a wild pointer", exit2, "SIGSEGV: segmentation violation\nPC=0x4365fd m=4 sigcode=1 addr=0x7f00deadbeef\n", Crashed},
		{"stack", exit2, "runtime: goroutine stack exceeds 8388608-byte limit\nfatal error: stack overflow\n", StackOverflow},
		{"words inside a line", exit2, "panic: fatal error: out of memory\n", Crashed},
		{"nothing said", "exit 1", "", Crashed},
		{"abort", abort, "", Crashed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command("/bin/sh", "-c", tt.end)
			cmd.Run()
			if got := CauseOf(tt.stderr, cmd.ProcessState); got != tt.want {
				t.Errorf("cause %s, want %s", got, tt.want)
			}
		})
	}
}
