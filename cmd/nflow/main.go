// Command nflow serves, runs and checks workflows.
//
// It is the only place that reads arguments, environment and signals, and that
// chooses which adapter stands behind which port.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := cli.Main(ctx, cli.Process{
		Args: os.Args[1:], Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	stop()
	os.Exit(code)
}
