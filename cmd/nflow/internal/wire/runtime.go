package wire

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/database"
	"github.com/arturoeanton/nflow-runtime/adapters/drawflow"
	"github.com/arturoeanton/nflow-runtime/adapters/egress"
	"github.com/arturoeanton/nflow-runtime/adapters/mail"
	"github.com/arturoeanton/nflow-runtime/adapters/render"
	"github.com/arturoeanton/nflow-runtime/adapters/system"
	"github.com/arturoeanton/nflow-runtime/adapters/telemetry"
	"github.com/arturoeanton/nflow-runtime/adapters/worker"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Runtime is the application with everything behind its ports.
type Runtime struct {
	*app.Runtime

	Deps     app.Deps
	Observer *telemetry.Observer
	Pool     *worker.Pool // nil when every script runs in this process
	Loaders  *PluginLoaders

	closers []func() error
}

// NewRuntime wires the application over a store, which the caller closes after
// the runtime.
func NewRuntime(cfg config.Config, store Store, log *slog.Logger, version string) (*Runtime, error) {
	r := &Runtime{}
	if err := r.wire(cfg, store, log); err != nil {
		return nil, errors.Join(err, r.release())
	}
	r.Runtime = app.New(r.Deps, appConfig(cfg, version))
	return r, nil
}

func (r *Runtime) wire(cfg config.Config, store Store, log *slog.Logger) error {
	rules, err := policy.NewEgress(cfg.Egress.Allow, cfg.Egress.Deny, cfg.Egress.AllowPrivate)
	if err != nil {
		return err
	}
	client := egress.New(egress.Config{Policy: rules, DefaultMaxBytes: cfg.Limits.MaxResponseBytes})
	r.closers = append(r.closers, client.Close)
	databases, err := openDatabases(cfg)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, databases.Close)
	mailer, err := newMailer(cfg.Mail)
	if err != nil {
		return err
	}
	passwords, err := system.NewPasswords(system.PasswordsConfig{})
	if err != nil {
		return err
	}
	files, err := r.openFiles(cfg)
	if err != nil {
		return err
	}
	processes, err := newProcesses(cfg.VMPool)
	if err != nil {
		return err
	}
	if r.Observer, err = telemetry.NewObserver(telemetry.Config{
		Process: cfg.Monitor.EnableDetailedMetrics, Pool: cfg.VMPool.EnableMetrics,
	}); err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { r.Observer.Close(); return nil })
	clock := system.NewClock()
	scripts, err := newEngines(cfg.VMPool, clock, r.Observer, log)
	if err != nil {
		return err
	}
	if scripts.pool != nil {
		r.closers = append(r.closers, scripts.pool.Close)
		r.Pool = scripts.pool
	}
	if r.Loaders, err = NewPluginLoaders(cfg.PluginHost, log); err != nil {
		return err
	}
	r.closers = append(r.closers, r.closeLoaders)
	shared, err := openRedis(context.Background(), cfg.Redis, log)
	if err != nil {
		return err
	}
	if shared != nil {
		r.closers = append(r.closers, shared.Close)
	}
	limiter, sweep := newLimiter(cfg.RateLimit, shared, clock)
	manager := newPlugins(cfg, store, r.Loaders, plugins.Deps{HTTP: client, Observer: r.Observer, Clock: clock, Log: log})
	r.Deps = app.Deps{
		Types:   node.NewRegistry(node.Builtins()...),
		Formats: []ports.DocumentFormat{drawflow.Format{}},

		Workflows: store, Publishing: store, Changes: store, Library: store, Users: store, Tokens: store,
		Settings: store, Sessions: store, Runs: store, Tracker: store, Limiter: limiter, Database: store,
		Compactor: store.Compactor, Heard: []func() <-chan struct{}{store.Heard},

		Engine:    scripts.standard,
		Engines:   scripts.byWorkflow,
		HTTP:      client,
		Databases: databases,
		Mailer:    mailer,
		Renderer:  render.New(render.Config{MaxOutput: cfg.Limits.MaxPayloadBytes}),
		Files:     files,
		Processes: processes,
		Passwords: passwords,

		PluginManager: manager,

		Clock: clock, Ticker: clock, IDs: system.NewIdentifiers(), Observer: r.Observer, Log: log,
		Sandbox: scripts.describe, Sweep: sweep,
	}
	share(cfg, shared, &r.Deps)
	return nil
}

// pluginPatience is how long plugins may take to end with the server.
const pluginPatience = 5 * time.Second

func (r *Runtime) closeLoaders() error {
	ctx, cancel := context.WithTimeout(context.Background(), pluginPatience)
	defer cancel()
	return r.Loaders.Close(ctx)
}

// Close ends the runtime and then its adapters.
func (r *Runtime) Close(ctx context.Context) error {
	return errors.Join(r.Runtime.Close(ctx), r.release())
}

func (r *Runtime) release() error {
	var errs []error
	for _, closeOne := range r.closers {
		errs = append(errs, closeOne())
	}
	return errors.Join(errs...)
}

func openDatabases(cfg config.Config) (*database.Databases, error) {
	targets := make(map[string]database.Target, len(cfg.Databases))
	for name, d := range cfg.Databases {
		targets[name] = database.Target{
			Driver: d.Driver, DSN: d.DSN.Reveal(),
			MaxOpenConns: d.MaxOpenConns, MaxIdleConns: d.MaxIdleConns, ConnMaxLifetime: d.ConnMaxLifetime,
		}
	}
	return database.New(targets, database.Config{MaxRows: cfg.Limits.MaxRows, MaxBytes: cfg.Limits.MaxResponseBytes})
}

// openFiles opens the directory of scripts; without the file system switch there
// is none.
func (r *Runtime) openFiles(cfg config.Config) (ports.Files, error) {
	if !cfg.VMPool.EnableFilesystem {
		return nil, nil //nolint:nilnil // the switch is checked before every use
	}
	files, err := system.NewFiles(cfg.VMPool.FilesystemRoot, system.FilesConfig{MaxBytes: int64(cfg.Limits.MaxPayloadBytes)})
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, files.Close)
	return files, nil
}

func newMailer(c config.Mail) (*mail.Mailer, error) {
	return mail.New(mail.Config{
		Enabled: c.Enabled, Host: c.SMTPHost, Port: c.SMTPPort,
		Username: c.Username, Password: c.Password.Reveal(), From: c.From, TLS: c.TLS, Timeout: c.Timeout,
	})
}
