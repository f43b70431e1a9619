package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
)

func newPluginNew(s *session) *cobra.Command {
	var p scaffold.Project
	c := &cobra.Command{
		Use:   "new go|c|assemblyscript|python NAME",
		Short: "Begin a plugin",
		Long: `Write a plugin that greets, in one of the languages, with the SDK it needs. Nothing
is overwritten. Go on with nflow plugin build and nflow plugin test.`,
		Example: `  nflow plugin new c greeter
  nflow plugin new python greeter --dir plugins/greeter
  nflow plugin new go greeter --sdk ~/src/nflow-runtime`,
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"go", "c", "assemblyscript", "python"},
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if p.Language, err = scaffold.ParseLanguage(args[0]); err != nil {
				return usageError{err}
			}
			p.Name = args[1]
			return s.beginPlugin(p)
		},
	}
	c.Flags().StringVar(&p.Dir, "dir", "", "directory to write to (default NAME)")
	c.Flags().StringVar(&p.SDK, "sdk", "", "with go: a checkout of nFlow whose SDK is used (default the published one)")
	return c
}

func (s *session) beginPlugin(p scaffold.Project) error {
	p.Version = version
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		p.Version = info.Main.Version
	}
	if p.Dir == "" {
		p.Dir = p.Name
	}
	files, err := scaffold.New(p)
	if err != nil {
		return err
	}
	for _, name := range files {
		say(s.Stdout, "%s\n", name)
	}
	say(s.Stderr, "now: nflow plugin build %s\n", p.Dir)
	return nil
}
