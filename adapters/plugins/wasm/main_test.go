package wasm_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
)

// TestMain is also the program that compiles.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && filepath.Base(os.Args[0]) == "nflow" {
		os.Exit(compile(os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

func compile(args []string) int {
	switch args[0] {
	case "crash":
		panic("no compiler")
	case "silent":
		return 0
	}
	if err := wasm.Compile(context.Background(), args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
