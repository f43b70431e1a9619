package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/attack"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

// attackCap is the time of an attack unless --limit says otherwise: doctor
// should end while somebody is watching.
const attackCap = 2 * time.Second

// attackPreload is enough processes for an attack, the healthy script beside it
// and the replacement of one that was killed.
const attackPreload = 4

// attack runs the hostile scripts against the configured engine.
func (s *session) attack(ctx context.Context, f doctorFlags) error {
	if f.limit < 0 || (f.limit > 0 && f.limit < time.Millisecond) {
		return usageError{errors.New("--limit must be 1ms or more")}
	}
	cfg, err := s.load()
	if err != nil {
		return err
	}
	scripts, err := selected(f.only)
	if err != nil {
		return usageError{err}
	}
	log, err := s.doctorLogger(cfg.Log)
	if err != nil {
		return err
	}
	wired := inMemory(cfg)
	wired.VMPool.PreloadSize = min(wired.VMPool.PreloadSize, attackPreload)
	return s.withRuntime(ctx, wired, log, func(r *wire.Runtime) error {
		target := attack.Target{Engine: r.Deps.Engine, Limits: wire.Limits(cfg), Grace: attack.Grace}
		target.Limits.ScriptTime = min(target.Limits.ScriptTime, attackCap)
		if f.limit > 0 {
			target.Limits.ScriptTime = min(f.limit, cfg.VMPool.MaxExecution)
		}
		if f.sacrifice {
			return json.NewEncoder(s.Stdout).Encode(target.Sacrificed(ctx, scripts[0]))
		}
		return s.attackAll(ctx, cfg, f, target, scripts)
	})
}

// selected are the attacks whose name is only, or begins with it.
func selected(only string) ([]attack.Script, error) {
	scripts, err := attack.Scripts()
	if err != nil || only == "" {
		return scripts, err
	}
	exact := slices.IndexFunc(scripts, func(a attack.Script) bool { return a.Name == only })
	if exact >= 0 {
		return scripts[exact : exact+1], nil
	}
	scripts = slices.DeleteFunc(scripts, func(a attack.Script) bool { return !strings.HasPrefix(a.Name, only) })
	if len(scripts) == 0 {
		return nil, fmt.Errorf("--only: no attack begins with %q", only)
	}
	return scripts, nil
}

func (s *session) attackAll(ctx context.Context, cfg config.Config, f doctorFlags, target attack.Target, scripts []attack.Script) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	suite := attack.Suite{Target: target, Isolated: cfg.VMPool.Isolation == "process"}
	suite.Disposable = func(ctx context.Context, name string) *exec.Cmd {
		args := []string{"doctor", "--attack", "--sacrifice", "--only", name, "--limit", target.Limits.ScriptTime.String()}
		if s.configPath != "" {
			args = append(args, "--config", s.configPath)
		}
		cmd := exec.CommandContext(ctx, self, args...) //nolint:gosec // G204: this very program
		cmd.Env = s.Environ
		return cmd
	}
	results := []attack.Result{}
	show := func(r attack.Result) { results = append(results, r) }
	var table attack.Table
	if !f.json {
		say(s.Stdout, "isolation = %q; each attack may take %s of %s (vm_pool.max_execution_seconds)\n\n",
			cfg.VMPool.Isolation, target.Limits.ScriptTime, cfg.VMPool.MaxExecution)
		table = attack.NewTable(s.Stdout)
		show = table.Row
	}
	sum := suite.Run(ctx, scripts, show)
	if f.json {
		if err := s.printAttacks(cfg, target, sum, results); err != nil {
			return err
		}
	} else {
		table.Totals(sum)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted after %d of %d attacks", sum.Attacks, len(scripts))
	}
	return verdict(cfg, sum)
}

func verdict(cfg config.Config, sum attack.Summary) error {
	switch {
	case len(sum.Through) == 0:
		return nil
	case cfg.VMPool.Isolation != "process":
		return fmt.Errorf(`%d of %d attacks got through; set vm_pool.isolation = "process": inside the server, nothing can stop native code or bound memory`,
			len(sum.Through), sum.Attacks)
	}
	return fmt.Errorf("%d of %d attacks got through: %s", len(sum.Through), sum.Attacks, strings.Join(sum.Through, ", "))
}

// printAttacks writes the results as one JSON object.
func (s *session) printAttacks(cfg config.Config, target attack.Target, sum attack.Summary, results []attack.Result) error {
	type pulse struct {
		Runs int           `json:"runs"`
		P50  time.Duration `json:"p50_ns"`
		P99  time.Duration `json:"p99_ns"`
	}
	pulseOf := func(p attack.Pulse) pulse { return pulse{len(p.Took), p.Percentile(50), p.Percentile(99)} }
	enc := json.NewEncoder(s.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Isolation string          `json:"isolation"`
		Limit     time.Duration   `json:"limit_ns"`
		Summary   attack.Summary  `json:"summary"`
		Beside    pulse           `json:"healthy_beside"`
		Alone     pulse           `json:"healthy_alone"`
		Results   []attack.Result `json:"results"`
	}{cfg.VMPool.Isolation, target.Limits.ScriptTime, sum, pulseOf(sum.Beside), pulseOf(sum.Quiet), results})
}
