// Package script drives the real command line, each command in a process of its
// own, and reads what a user reads.
package script

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/cli"
)

// TestMain makes the test binary, called nflow or curl, that program.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"nflow": nflow, "curl": curl})
}

// nflow does what main of cmd/nflow does.
func nflow() {
	becomePlain()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, cli.Process{
		Args: os.Args[1:], Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	stop()
	os.Exit(code)
}
