package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/doctor"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

type doctorFlags struct {
	attack, full, json, sacrifice bool
	limit                         time.Duration
	only                          string
}

func newDoctor(s *session) *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the installation",
		Long: `Check the configuration and everything it names (databases, mail server, files,
certificates), and the machine; one line each, with advice. Nothing is changed.
Exit code 1 when a check failed, 2 when the configuration is wrong.

With --attack, run hostile scripts against the configured script engine and say
what stopped each; exit code 1 when one got through.`,
		Example: `  nflow doctor
  nflow doctor --json --config production.toml
  nflow doctor --full
  nflow doctor --attack
  nflow doctor --attack --limit 500ms --only regex`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.attack && f.full {
				return usageError{errors.New("--full and --attack are two different examinations; see nflow doctor --help")}
			}
			if f.attack {
				return s.attack(c.Context(), f)
			}
			for _, name := range []string{"limit", "only"} {
				if c.Flags().Changed(name) {
					return usageError{fmt.Errorf("--%s needs --attack; see nflow doctor --help", name)}
				}
			}
			return s.examine(c.Context(), f)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.BoolVar(&f.full, "full", false, "check all of the SQLite file, however long it takes")
	flags.BoolVar(&f.attack, "attack", false, "run hostile scripts against the script engine")
	flags.DurationVar(&f.limit, "limit", 0, "with --attack: time of each, at most vm_pool.max_execution_seconds (default at most 2s)")
	flags.StringVar(&f.only, "only", "", "with --attack: only those whose names begin with this")
	flags.BoolVar(&f.sacrifice, "sacrifice", false, "make one attack in this very process")
	_ = flags.MarkHidden("sacrifice") // it exists
	return c
}

// examine checks the installation. A configuration that cannot be read is shown
// like in every other command.
func (s *session) examine(ctx context.Context, f doctorFlags) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	findings, err := s.findings(ctx, cfg, f.full)
	if err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(s.Stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(findings)
	} else {
		err = findings.Write(s.Stdout)
	}
	if failed := findings.Count(doctor.Fail); err == nil && failed > 0 {
		err = fmt.Errorf("%d of %d checks failed", failed, len(findings))
	}
	return err
}

// findings wires a runtime as serve would, and examines with it. When that
// fails, what fails most is left out of a second one, so that the other checks
// can be made.
func (s *session) findings(ctx context.Context, cfg config.Config, full bool) (doctor.Findings, error) {
	log, err := s.doctorLogger(cfg.Log)
	if err != nil {
		return nil, err
	}
	patient := doctor.Patient{Config: cfg, File: s.configFile(), Full: full}
	var findings doctor.Findings
	examine := func(r *wire.Runtime) error {
		patient.Databases, patient.Mailer, patient.Sandbox = r.Deps.Databases, r.Deps.Mailer, r.Deps.Sandbox
		findings = doctor.Examine(ctx, patient)
		return nil
	}
	wired := withoutScripts(inMemory(cfg)) // files and programs have checks of their own
	if patient.EngineFault = s.withRuntime(ctx, wired, log, examine); patient.EngineFault == nil {
		return findings, nil
	}
	wired.VMPool.Isolation, wired.VMPool.WorkflowIsolation = "in_process", nil
	if err := s.withRuntime(ctx, wired, log, examine); err != nil {
		findings = doctor.Examine(ctx, patient)
	}
	return findings, nil
}

// doctorLogger says nothing unless somebody wants to hear it: what matters is a
// finding, and processes that are killed are what attacks are for.
func (s *session) doctorLogger(c config.Log) (*slog.Logger, error) {
	if !s.verbose {
		return slog.New(slog.DiscardHandler), nil
	}
	return s.logger(c)
}

// configFile is the configuration file, for people.
func (s *session) configFile() string {
	if s.configPath != "" {
		return s.configPath
	}
	if _, err := os.Stat(config.DefaultPath); err != nil {
		return "defaults and environment; there is no " + config.DefaultPath
	}
	return config.DefaultPath
}
