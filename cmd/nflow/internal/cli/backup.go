package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func newBackup(s *session) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the SQLite database, also while it is served",
		Long: `Copy the configured SQLite database into a file, as it is at this moment. Servers
need not be stopped, and nobody waits. The copy is checked and on disk before it
gets its name, and only its owner can read it: it holds sessions and keys.

It holds everything that nflow keeps in the database, and nothing else: neither
config.toml nor the files it names. PostgreSQL has pg_dump.`,
		Example: `  nflow backup nightly.sqlite
  nflow backup nightly.sqlite --force
  nflow backup "/backups/$(date +%F).sqlite" --config production.toml`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.backup(c.Context(), args[0], force) },
	}
	c.Flags().BoolVar(&force, "force", false, "replace FILE if it is there")
	return c
}

func (s *session) backup(ctx context.Context, file string, force bool) error {
	database, err := s.sqliteOnly("backup", "pg_dump --format=custom copies it")
	if err != nil {
		return err
	}
	start := time.Now()
	shown := s.newProgress("copied")
	copied, err := sqlstore.BackUp(ctx, database, sqlstore.Backup{File: file, Overwrite: force, Progress: shown.pages})
	shown.end()
	if err != nil {
		return asConfigured(interrupted(ctx, err, "there is no backup"))
	}
	say(s.Stdout, "%s: %s in %s\n", file, size(copied.Bytes), rounded(time.Since(start)))
	return nil
}

// sqliteOnly is the configured database when it is a SQLite file; otherwise the
// error says what to use instead.
func (s *session) sqliteOnly(command, postgres string) (sqlstore.Config, error) {
	cfg, err := s.load()
	if err != nil {
		return sqlstore.Config{}, err
	}
	switch cfg.Store.Driver {
	case sqlstore.SQLite:
		return sqliteConfig(cfg.Store), nil
	case wire.Memory:
		err = errors.New("database_nflow.driver is memory, which keeps nothing on disk")
	default:
		err = fmt.Errorf("database_nflow.driver is %s, and nflow %s is for SQLite files: %s", cfg.Store.Driver, command, postgres)
	}
	return sqlstore.Config{}, usageError{err}
}

func sqliteConfig(c config.Store) sqlstore.Config {
	return sqlstore.Config{Driver: c.Driver, DSN: c.DSN.Reveal()}
}

// asConfigured makes a fault of the configuration's bad usage.
func asConfigured(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) && f.Code == fault.Invalid && strings.HasPrefix(f.Field, "database_nflow.") {
		return usageError{err}
	}
	return err
}

// interrupted says what is left when a command was stopped.
func interrupted(ctx context.Context, err error, left string) error {
	if ctx.Err() != nil {
		return errors.New("interrupted; " + left)
	}
	return err
}

// size is a number of bytes, for people.
func size(bytes int64) string {
	const kib, mib, gib = 1 << 10, 1 << 20, 1 << 30
	switch {
	case bytes >= gib:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/gib)
	case bytes >= mib:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/mib)
	}
	return fmt.Sprintf("%d KiB", (bytes+kib-1)/kib)
}

// rounded is a duration with three digits at most.
func rounded(d time.Duration) time.Duration {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second)
	case d >= time.Second:
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(time.Millisecond)
}
