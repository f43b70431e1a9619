// Command compiler is the child that compiles, for tests whose own binary is too
// slow for it: the race detector makes compiling take twenty times as long.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
)

func main() {
	if err := wasm.Compile(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
