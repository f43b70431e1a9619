package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func newValidate(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check workflow files",
		Long: `Check workflow files and print every fault with its node and field. Modules,
templates and databases are looked for in the configured database; exit code 1
when a file has a fault.`,
		Example: `  nflow validate hello.json
  nflow validate flows/*.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.validate(c.Context(), args) },
	}
}

func (s *session) validate(ctx context.Context, files []string) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if s.configPath == "" {
		cfg = inMemory(cfg)
	}
	log, err := s.quietLogger(cfg.Log)
	if err != nil {
		return err
	}
	return s.withRuntime(ctx, briefly(cfg), log, func(r *wire.Runtime) error {
		var faults fault.List
		for _, name := range files {
			_, body, err := readDocument(name)
			if err != nil {
				faults = append(faults, faultsOf(name, err)...)
				continue
			}
			report := r.Validate(ctx, body)
			for _, warning := range report.Warnings {
				say(s.Stderr, "warning: %s: %s\n", name, warning)
			}
			if len(report.Faults) == 0 {
				say(s.Stdout, "%s: ok\n", name)
				continue
			}
			faults = append(faults, faultsOf(name, report.Faults)...)
		}
		return faults.Err()
	})
}
