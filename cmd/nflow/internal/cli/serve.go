package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/arturoeanton/nflow-runtime/adapters/http"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/demo"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

type serveFlags struct {
	address string
	demo    bool
	files   []string
}

func newServe(s *session) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve [FILE...]",
		Short: "Serve workflows over HTTP",
		Long: `Serve the workflows of the configured database. With files, serve just these,
and with --demo a small application; both keep nothing on disk.`,
		Example: `  nflow serve
  nflow serve --address :8080 --config production.toml
  nflow serve hello.json orders.json
  nflow serve --demo`,
		RunE: func(c *cobra.Command, args []string) error {
			f.files = args
			return s.serve(c.Context(), f)
		},
	}
	c.Flags().StringVar(&f.address, "address", "", "host:port to listen on (default 127.0.0.1:8080)")
	c.Flags().BoolVar(&f.demo, "demo", false, "serve a small application to play with")
	return c
}

func (s *session) serve(ctx context.Context, f serveFlags) error {
	var overrides []config.Override
	if f.address != "" {
		overrides = append(overrides, config.Override{Key: "server.address", Value: f.address, Flag: "--address"})
	}
	cfg, err := s.load(overrides...)
	if err != nil {
		return err
	}
	if f.demo && len(f.files) > 0 {
		return usageError{errors.New("give files or --demo, not both; see nflow serve --help")}
	}
	if f.demo || len(f.files) > 0 {
		cfg = inMemory(cfg)
	}
	log, err := s.logger(cfg.Log)
	if err != nil {
		return err
	}
	log.Debug("configuration", "config", cfg.Redacted())
	return s.withRuntime(ctx, cfg, log, func(r *wire.Runtime) error {
		return s.serveRuntime(ctx, cfg, f, r, log)
	})
}

func (s *session) serveRuntime(ctx context.Context, cfg config.Config, f serveFlags, r *wire.Runtime, log *slog.Logger) error {
	token, err := r.EnsureAdmin(ctx)
	if err != nil {
		return err
	}
	if f.demo {
		err = publishDemo(ctx, r)
	} else {
		err = publishFiles(ctx, r, f.files)
	}
	if err != nil {
		return err
	}
	server, err := wire.NewServer(ctx, cfg, r, log)
	if err != nil {
		return err
	}
	if cfg.Store.Driver != wire.Memory {
		defer rereadOnHangup(ctx, r, log)()
	}
	return s.listen(ctx, cfg, server, log, func(base string) {
		log.Info("nFlow Runtime started", "version", version, "url", base, "workflows", len(r.Workflows("", allWorkflows)))
		s.announce(f, base, token, r)
	})
}

// listen serves until ctx ends; ready is told the URL once connections are taken.
func (s *session) listen(ctx context.Context, cfg config.Config, server *http.Server, log *slog.Logger, ready func(base string)) error {
	listener, err := server.Listen(ctx)
	if err != nil {
		return err
	}
	var monitor net.Listener
	if cfg.Monitor.Enabled && cfg.Monitor.MetricsPort != "" {
		if monitor, err = server.ListenMonitor(ctx); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	scheme := "http://"
	if cfg.Server.TLSCert != "" {
		scheme = "https://"
	}
	ready(scheme + listener.Addr().String())
	serving, ctx := errgroup.WithContext(ctx)
	serving.Go(func() error { return server.Serve(ctx, listener) })
	if monitor != nil {
		log.Info("metrics have a port of their own", "address", monitor.Addr().String())
		serving.Go(func() error { return server.ServeMonitor(ctx, monitor) })
	}
	err = serving.Wait()
	log.Info("nFlow Runtime stopping")
	return err
}

const allWorkflows = 1_000_000

// announce tells a person what to try; the token is shown only now.
func (s *session) announce(f serveFlags, base, token string, r *wire.Runtime) {
	if f.demo {
		say(s.Stdout, "%s", demo.Banner(base, token))
		return
	}
	if token != "" {
		say(s.Stdout, "Admin token (shown only this once): %s\n", token)
	}
	for _, w := range r.Workflows("", announced) {
		for _, route := range w.Routes {
			method, path, _ := strings.Cut(route, " ")
			say(s.Stdout, "%-20s %-6s %s%s\n", w.ID, method, base, path)
		}
	}
}

// announced is how many workflows are listed at start.
const announced = 20

func publishDemo(ctx context.Context, r *wire.Runtime) error {
	for _, m := range demo.Modules() {
		if err := r.Shelf().PutModule(ctx, m); err != nil {
			return err
		}
	}
	for _, t := range demo.Templates() {
		if err := r.Shelf().PutTemplate(ctx, t); err != nil {
			return err
		}
	}
	for _, w := range demo.Workflows() {
		if err := publish(ctx, r, w.ID, w.Body); err != nil {
			return err
		}
	}
	return nil
}

// publishFiles publishes every file, or says everything that is wrong with any.
func publishFiles(ctx context.Context, r *wire.Runtime, files []string) error {
	var faults fault.List
	for _, name := range files {
		id, body, err := readDocument(name)
		if err == nil {
			err = publish(ctx, r, id, body)
		}
		if err != nil {
			faults = append(faults, faultsOf(name, err)...)
		}
	}
	return faults.Err()
}
