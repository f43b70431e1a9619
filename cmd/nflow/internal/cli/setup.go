package cli

import (
	"context"
	"io"
	"log/slog"

	"github.com/arturoeanton/nflow-runtime/adapters/telemetry"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

// load reads the configuration with the flags over it.
func (s *session) load(overrides ...config.Override) (config.Config, error) {
	if s.verbose {
		overrides = append(overrides, config.Override{Key: "log.level", Value: "debug", Flag: "-v"})
	}
	cfg, err := config.Load(config.Source{
		Path: s.configPath, Explicit: s.configPath != "", Environ: s.Environ, Overrides: overrides,
	})
	if err != nil {
		return cfg, usageError{err}
	}
	if faults := config.Unsupported(cfg); len(faults) > 0 {
		return cfg, usageError{faults}
	}
	return cfg, nil
}

// logger writes to standard error.
func (s *session) logger(cfg config.Log) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		return nil, usageError{err}
	}
	return telemetry.NewLogger(s.Stderr, telemetry.LogConfig{Format: cfg.Format, Level: level})
}

// quietLogger keeps short commands from talking about more than problems.
func (s *session) quietLogger(cfg config.Log) (*slog.Logger, error) {
	if !s.verbose {
		cfg.Level = "error"
	}
	return s.logger(cfg)
}

// inMemory keeps everything of a command in the process.
func inMemory(cfg config.Config) config.Config {
	cfg.Store.Driver = wire.Memory
	return cfg
}

// briefly is the configuration of a command that soon ends: one process for
// scripts is ready at once, more are started when they are needed.
func briefly(cfg config.Config) config.Config {
	cfg.VMPool.PreloadSize = min(cfg.VMPool.PreloadSize, 1)
	return cfg
}

// withoutScripts is the configuration of a command that runs none.
func withoutScripts(cfg config.Config) config.Config {
	cfg.VMPool.PreloadSize = 0
	cfg.VMPool.EnableFilesystem, cfg.VMPool.EnableProcess = false, false
	return cfg
}

// withRuntime opens the store and the runtime, starts it, does the work and
// closes both.
func (s *session) withRuntime(ctx context.Context, cfg config.Config, log *slog.Logger, work func(*wire.Runtime) error) error {
	return s.withWired(ctx, cfg, log, func(r *wire.Runtime) error {
		if err := r.Start(ctx); err != nil {
			return err
		}
		return work(r)
	})
}

// withWired is withRuntime without the start: for what needs the adapters only.
func (s *session) withWired(ctx context.Context, cfg config.Config, log *slog.Logger,
	work func(*wire.Runtime) error,
) (err error) {
	store, err := wire.OpenStore(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer closeInto(&err, store)
	r, err := wire.NewRuntime(cfg, store, log, version)
	if err != nil {
		return err
	}
	err = work(r)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.Server.ShutdownTimeout)
	defer cancel()
	if closeErr := r.Close(ending); err == nil {
		err = closeErr
	}
	return err
}

// closeInto closes something and keeps its error if there is none yet.
func closeInto(err *error, c io.Closer) {
	if closeErr := c.Close(); *err == nil {
		*err = closeErr
	}
}
