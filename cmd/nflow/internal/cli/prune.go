package cli

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

func newPrune(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "prune",
		Short: "Delete run records, tracker rows and sessions that are too old",
		Long: `Delete what the configuration says not to keep: run records (runs.keep,
runs.max_age), tracker rows (tracker.keep, tracker.max_age) and expired sessions.
Servers do so by themselves every few minutes; this is for a schedule of your own,
or after those keys were lowered.

Rows go in small batches, beside servers that work. Stopped in the middle, it
leaves the rest to the next time.`,
		Example: `  nflow prune
  NFLOW_RUNS_MAX_AGE=168h nflow prune --config production.toml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.prune(c.Context()) },
	}
}

func (s *session) prune(ctx context.Context) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if cfg.Store.Driver == wire.Memory {
		say(s.Stdout, "nothing to do: the memory driver keeps nothing on disk\n")
		return nil
	}
	log, err := s.quietLogger(cfg.Log)
	if err != nil {
		return err
	}
	keep := wire.Retention(cfg)
	say(s.Stdout, "keeping run records: %s; tracker rows: %s\n",
		kept(fmt.Sprintf("the newest %d of each workflow", keep.RunsKeep), keep.RunsMaxAge), keptRows(keep))
	return s.withWired(ctx, withoutScripts(cfg), log, func(r *wire.Runtime) error {
		done, err := app.Prune(ctx, r.Deps, keep)
		say(s.Stdout, "deleted %d run records, %d tracker rows and %d expired sessions\n", done.Runs, done.TrackerRows, done.Sessions)
		if err == nil && done != (app.Pruned{}) && r.Deps.Compactor != nil {
			err = r.Deps.Compactor.Vacuum(ctx, math.MaxInt)
		}
		if err != nil {
			return interrupted(ctx, err, "the rest is left to the next time")
		}
		return nil
	})
}

// kept says what is kept of something.
func kept(what string, age time.Duration) string {
	if age > 0 {
		return fmt.Sprintf("%s, not older than %s", what, age)
	}
	return what
}

func keptRows(keep app.Retention) string {
	if keep.TrackerKeep == 0 {
		return kept("all", keep.TrackerMaxAge)
	}
	return kept(fmt.Sprintf("the newest %d", keep.TrackerKeep), keep.TrackerMaxAge)
}
