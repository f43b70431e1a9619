package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

func newMigrate(s *session) *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Bring the schema of the configured database up to date. Only tables that begin
with nf_ are ever changed, but an empty database gets those of the designer, too.
serve does this by itself. There is no way back but a backup; a database that a
newer nflow migrated is left alone.`,
		Example: `  nflow migrate --dry-run
  nflow migrate`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.migrate(c.Context(), dryRun) },
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done and do nothing")
	return c
}

func (s *session) migrate(ctx context.Context, dryRun bool) (err error) {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if cfg.Store.Driver == wire.Memory {
		say(s.Stdout, "nothing to do: the memory driver has no schema\n")
		return nil
	}
	store, err := wire.OpenUnmigrated(ctx, cfg.Store, dryRun)
	if err != nil {
		return err
	}
	defer closeInto(&err, store)
	step, verb := store.Migrate, "applied"
	if dryRun {
		step, verb = store.Pending, "pending"
	}
	names, err := step(ctx)
	for _, name := range names {
		say(s.Stdout, "%s %s\n", verb, name)
	}
	switch {
	case err != nil:
	case len(names) == 0:
		say(s.Stdout, "the schema is up to date\n")
	case dryRun:
		say(s.Stdout, "nothing was changed; nflow migrate does it, and so does the next nflow serve\n")
	}
	return err
}
