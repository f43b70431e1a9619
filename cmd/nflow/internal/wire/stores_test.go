package wire_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// application makes the whole application in this process, on the store that
// settings (NAME=value, as in the environment) choose.
func application(t *testing.T, settings ...string) *wire.Runtime {
	t.Helper()
	cfg, err := config.Load(config.Source{
		Path:    filepath.Join(t.TempDir(), "none.toml"),
		Environ: append(settings, "NFLOW_VM_POOL_ISOLATION=in_process", "NFLOW_DATABASE_POLL_INTERVAL=20ms"),
	})
	if err != nil {
		t.Fatal(err)
	}
	store, err := wire.OpenStore(t.Context(), cfg.Store)
	if err != nil {
		t.Fatal(err)
	}
	r, err := wire.NewRuntime(cfg, store, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := r.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// One line chooses the store; the application and its tests are the same.
func TestApplicationOnEveryStore(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) *wire.Runtime{
		"memory": func(t *testing.T) *wire.Runtime { return application(t, "NFLOW_DATABASE_DRIVER=memory") },
		"sqlite": func(t *testing.T) *wire.Runtime {
			return application(t, "NFLOW_DATABASE_DSN="+filepath.Join(t.TempDir(), "app.sqlite"))
		},
		"postgres": func(t *testing.T) *wire.Runtime { return application(t, "NFLOW_DATABASE_DSN="+pgtest.DSN(t)) },
		"postgres and redis": func(t *testing.T) *wire.Runtime {
			server := redistest.Shared(t)
			return application(t, "NFLOW_DATABASE_DSN="+pgtest.DSN(t), "NFLOW_REDIS_HOST="+server.Addr(), "NFLOW_REDIS_PASSWORD="+server.Password(),
				"NFLOW_REDIS_KEY_PREFIX="+t.Name()+":", "NFLOW_RATE_LIMIT_BACKEND=redis")
		},
	} {
		t.Run(name, func(t *testing.T) {
			app := open(t)
			t.Run("versions", func(t *testing.T) { versions(t, app) })
			t.Run("sessions", func(t *testing.T) { visits(t, app) })
			t.Run("limits", func(t *testing.T) { limits(t, app) })
			t.Run("health", func(t *testing.T) {
				if h := app.Health(t.Context()); h.Status != ports.Healthy {
					t.Errorf("got %+v", h)
				}
			})
		})
	}
}

func publish(t *testing.T, app *wire.Runtime, id, start, script string) {
	t.Helper()
	document := fmt.Sprintf(`{
		"in": {"data": {"type": "httpstart", "path": "/%s" %s}, "outputs": {"output": {"connections": [{"node": "do"}]}}},
		"do": {"data": {"type": "js", "script": %q}}}`, id, start, script)
	if _, err := app.Publish(t.Context(), id, []byte(document), ports.AnyVersion, "test"); err != nil {
		t.Fatal(err)
	}
}

func visit(t *testing.T, app *wire.Runtime, path, session string) (ports.Outbound, error) {
	t.Helper()
	return app.Serve(t.Context(), &ports.Inbound{Method: "GET", Path: path, Scheme: "http", Host: "test", RealIP: "192.0.2.1", SessionID: session})
}

func versions(t *testing.T, app *wire.Runtime) {
	for _, n := range []string{"1", "2"} {
		publish(t, app, "count", "", "return "+n)
	}
	if _, err := app.Activate(t.Context(), "count", 1, 2); err != nil {
		t.Fatal(err)
	}
	e, err := app.Execute(t.Context(), "count", "", payload.Value{}, nil)
	if err != nil || e.Output.String() != "1" {
		t.Errorf("got %s, %v", e.Output, err)
	}
	if run, err := app.Run(t.Context(), e.RunID); err != nil || run.Status != ports.RunSucceeded || run.Version != 1 {
		t.Errorf("got %+v, %v", run, err)
	}
}

func visits(t *testing.T, app *wire.Runtime) {
	publish(t, app, "visits", "", `const n = Number(get_session("seen", "n")) + 1; set_session("seen", "n", n); return n`)
	session := ""
	for _, want := range []string{"1", "2", "3"} {
		out, err := visit(t, app, "/visits", session)
		if err != nil || string(out.Reply.Body) != want {
			t.Fatalf("got %s, %v, want %s", out.Reply.Body, err, want)
		}
		session = out.Session.ID
	}
}

func limits(t *testing.T, app *wire.Runtime) {
	publish(t, app, "rare", `, "rate_limit": {"requests": 3, "window": "1h"}`, "return 1")
	for i := range 5 {
		_, err := visit(t, app, "/rare", "")
		if i < 3 && err != nil || i >= 3 && fault.CodeOf(err) != fault.LimitExceeded {
			t.Errorf("visit %d: %v", i, err)
		}
	}
}
