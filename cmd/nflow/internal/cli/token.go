package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

type tokenFlags struct {
	name      string
	scopes    []string
	lifetime  time.Duration
	perMinute int
}

// mostPerMinute is more than anybody asks for.
const mostPerMinute = 1_000_000

func newToken(s *session) *cobra.Command {
	parent := &cobra.Command{Use: "token", Short: "Make API tokens", Args: cobra.NoArgs}
	parent.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	var f tokenFlags
	create := &cobra.Command{
		Use:   "create",
		Short: "Make an API token and print it once",
		Long: `Make an API token and print it; only its hash is kept. Scopes: run (run workflows
by id), read (look at workflows and runs), admin (everything).`,
		Example: `  nflow token create --name ci --scope run
  nflow token create --name grafana --scope read --expires 720h
  nflow token create --name importer --scope run --rate-limit 600`,
		Args: asUsage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return s.createToken(c.Context(), f) },
	}
	create.Flags().StringVar(&f.name, "name", "", "what the token is for")
	create.Flags().StringSliceVar(&f.scopes, "scope", []string{"run"}, "run, read or admin; may be repeated")
	create.Flags().DurationVar(&f.lifetime, "expires", 0, "lifetime, such as 720h (default never)")
	create.Flags().IntVar(&f.perMinute, "rate-limit", 0, "requests in a minute (default as rate_limit.token_rate_limit says)")
	parent.AddCommand(create)
	return parent
}

func (s *session) createToken(ctx context.Context, f tokenFlags) error {
	if strings.TrimSpace(f.name) == "" {
		return usageError{errors.New("--name is missing; see nflow token create --help")}
	}
	if f.lifetime < 0 {
		return usageError{errors.New("--expires must not be negative")}
	}
	if f.perMinute < 0 || f.perMinute > mostPerMinute {
		return usageError{fmt.Errorf("--rate-limit must be 0 (as configured) to %d requests in a minute", mostPerMinute)}
	}
	known := []ports.Scope{ports.ScopeRun, ports.ScopeRead, ports.ScopeAdmin}
	var scopes []ports.Scope
	for _, one := range f.scopes {
		if !slices.Contains(known, ports.Scope(one)) {
			return usageError{fmt.Errorf("--scope %q is not run, read or admin", one)}
		}
		scopes = append(scopes, ports.Scope(one))
	}
	cfg, err := s.load()
	if err != nil {
		return err
	}
	log, err := s.quietLogger(cfg.Log)
	if err != nil {
		return err
	}
	return s.withWired(ctx, withoutScripts(cfg), log, func(r *wire.Runtime) error {
		token, err := app.CreateToken(ctx, r.Deps, app.NewToken{Name: f.name, Scopes: scopes, Lifetime: f.lifetime, PerMinute: f.perMinute})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(s.Stdout, token)
		return err
	})
}
