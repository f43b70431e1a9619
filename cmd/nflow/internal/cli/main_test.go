package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/cli"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// TestMain lets this test binary be the processes that run scripts.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "nflow" {
		os.Exit(cli.Main(context.Background(), cli.Process{
			Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		}))
	}
	pgtest.Main(m)
}
