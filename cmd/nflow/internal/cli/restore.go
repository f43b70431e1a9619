package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
)

func newRestore(s *session) *cobra.Command {
	var discard bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the SQLite database",
		Long: `Check a backup and make it the configured SQLite database. Stop every nflow that
uses the database before: while one does, nothing is changed. The database as it
was is kept beside it, named after the time, unless --discard is given.

The file stays and its content is replaced in one transaction, so whatever
happens, loss of power included, it is the old database or the new one. An older
schema is brought up to date by the next start. PostgreSQL has pg_restore.`,
		Example: `  nflow restore nightly.sqlite
  nflow restore nightly.sqlite --discard --config production.toml`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.restore(c.Context(), args[0], discard) },
	}
	c.Flags().BoolVar(&discard, "discard", false, "keep no copy of the database that is replaced")
	return c
}

func (s *session) restore(ctx context.Context, file string, discard bool) error {
	database, err := s.sqliteOnly("restore", "pg_restore puts what pg_dump copied into it")
	if err != nil {
		return err
	}
	start := time.Now()
	shown := s.newProgress("restored")
	done, err := sqlstore.ReplaceBy(ctx, database, sqlstore.Restore{File: file, Discard: discard, Progress: shown.pages})
	shown.end()
	if err != nil {
		return asConfigured(interrupted(ctx, err, "the database is as it was"))
	}
	say(s.Stdout, "restored %s: %s in %s\n", file, size(done.Bytes), rounded(time.Since(start)))
	if done.Kept != "" {
		say(s.Stdout, "the database as it was: %s\n", done.Kept)
	}
	if len(done.Pending) > 0 {
		say(s.Stdout, "its schema is older; the next start applies %s\n", strings.Join(done.Pending, ", "))
	}
	return nil
}
