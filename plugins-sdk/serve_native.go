//go:build !wasip1

package plugin

import (
	"fmt"
	"os"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
)

// Serve is main: it answers nFlow until nFlow ends it. Run with the argument
// manifest, it prints the manifest instead. In a WebAssembly module it does
// nothing.
func Serve() {
	if registered == nil {
		fmt.Fprintln(os.Stderr, "This program never called plugin.Register, so there is nothing to serve.")
		os.Exit(1)
	}
	if len(os.Args) == 2 && os.Args[1] == "manifest" {
		b, err := registered.ManifestJSON()
		if err == nil {
			_, err = os.Stdout.Write(b)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	process.Serve(registered)
}
