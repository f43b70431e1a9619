package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
)

func newPluginBuild(s *session) *cobra.Command {
	var o scaffold.Order
	target := string(scaffold.All)
	c := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Build a plugin",
		Long: `Build the plugin in a directory (default the working one), whatever its language:
Go gives a program and a WebAssembly module, C and AssemblyScript a module, Python
a program of one file. nflow-plugin.json is written beside. When it fails nothing
has changed.

Needed are go, clang and lld, node and npm, or python3 with grpcio.`,
		Example: `  nflow plugin build
  nflow plugin build greeter --out plugins
  nflow plugin build greeter --target wasm`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.Dir = args[0]
			}
			o.Target = scaffold.Target(target)
			return s.buildPlugin(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.Out, "out", "", "directory for what is built (default DIR)")
	c.Flags().StringVar(&target, "target", target, "wasm, native or all")
	c.Flags().StringVar(&o.Python, "python", "", "with Python: the interpreter that starts the plugin (default a python3 that has grpcio)")
	return c
}

func (s *session) buildPlugin(ctx context.Context, o scaffold.Order) error {
	o.Environ = s.Environ
	if s.verbose {
		o.Log = s.Stderr
	}
	built, err := scaffold.Build(ctx, o)
	if err != nil {
		return err
	}
	for _, name := range append(built.Files, built.Described) {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		say(s.Stdout, "%s (%d bytes)\n", name, info.Size())
	}
	return nil
}
