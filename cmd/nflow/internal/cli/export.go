package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

type exportFlags struct {
	version int
	output  string
}

func newExport(s *session) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export ID",
		Short: "Print a workflow as it was published",
		Example: `  nflow export hello > hello.json
  nflow export hello --version 3 --output hello-3.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.export(c.Context(), args[0], f) },
	}
	c.Flags().IntVar(&f.version, "version", 0, "version to print (default the active one)")
	c.Flags().StringVarP(&f.output, "output", "o", "", "file to write (default standard output)")
	return c
}

func (s *session) export(ctx context.Context, id string, f exportFlags) (err error) {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	store, err := wire.OpenStore(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer closeInto(&err, store)
	w, err := store.Workflow(ctx, id, f.version)
	if err != nil {
		return err
	}
	if f.output == "" {
		_, err = s.Stdout.Write(w.Document)
		return err
	}
	return os.WriteFile(f.output, w.Document, 0o600)
}
