package script

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

// With the race detector, compiling a module of Go takes longer than it may
// take. So this binary is built once more without, and that one compiles: as it
// is a test binary too, they share what is in the cache.

// tests are the tests, with that binary beside them.
type tests struct{ *testing.M }

// Run implements testscript.TestingM.
func (t tests) Run() int {
	if !raceEnabled {
		return t.M.Run()
	}
	path := plainPath()
	if out, err := exec.Command("go", "test", "-c", "-o", path, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the tests without the race detector: %v\n%s", err, out)
		return 1
	}
	code := t.M.Run()
	_ = os.Remove(path)
	return code
}

// plainPath is the same for this binary and its copies, whatever their
// environment.
func plainPath() string {
	size := int64(0)
	if info, err := os.Stat("/proc/self/exe"); err == nil {
		size = info.Size()
	}
	return fmt.Sprintf("/tmp/nflow-plain-%d-%d", os.Getuid(), size)
}

// becomePlain goes on as the other binary when a module is to be compiled.
func becomePlain() {
	if raceEnabled && len(os.Args) > 1 && os.Args[1] == wire.PluginCompileCommand {
		_ = syscall.Exec(plainPath(), os.Args, os.Environ()) // without it, this one goes on
	}
}
