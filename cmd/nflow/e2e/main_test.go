//go:build unix

// Package e2e drives the whole product as a process of its own, over the wire.
package e2e

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/cli"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// playNflow makes this test binary be the command nflow, so that the race
// detector covers the server too.
const playNflow = "E2E_PLAY_NFLOW"

func TestMain(m *testing.M) {
	if os.Getenv(playNflow) == "" && filepath.Base(os.Args[0]) != "nflow" {
		pgtest.Main(m)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, cli.Process{
		Args: os.Args[1:], Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	stop()
	os.Exit(code)
}
