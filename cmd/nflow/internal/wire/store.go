package wire

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Store is every store port, as one database gives them.
type Store struct {
	ports.WorkflowReader
	ports.WorkflowWriter
	ports.WorkflowChanges
	ports.Library
	ports.UserStore
	ports.TokenStore
	ports.Settings
	ports.SessionStore
	ports.RunStore
	ports.TrackerStore
	ports.PluginStore
	ports.PluginSwitches
	ports.KeyValues
	ports.Pinger
	ports.Compactor // nil when there is nothing to compact

	heard func() <-chan struct{}
	close func() error
}

// Heard is a channel that gets something when the database says that somebody
// published; nil for one that does not say. The first call begins to listen.
func (s Store) Heard() <-chan struct{} { return s.heard() }

// Close closes the database.
func (s Store) Close() error { return s.close() }

// Memory is the driver that keeps everything in the process.
const Memory = "memory"

// OpenStore opens the configured database and brings its schema up to date.
func OpenStore(ctx context.Context, c config.Store) (Store, error) {
	if c.Driver == Memory {
		m := memory.New()
		deaf := func() <-chan struct{} { return nil }
		return Store{m, m, m, m, m, m, m, m, m, m, m, m, m, m, nil, deaf, func() error { return nil }}, nil
	}
	s, err := sqlstore.Open(ctx, sqlConfig(c))
	if err != nil {
		return Store{}, err
	}
	return Store{s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s.Heard, s.Close}, nil
}

// OpenUnmigrated opens a SQL database and leaves its schema as it is; with
// readOnly, it leaves everything as it is.
func OpenUnmigrated(ctx context.Context, c config.Store, readOnly bool) (*sqlstore.Store, error) {
	s := sqlConfig(c)
	s.NoMigrate, s.ReadOnly = true, readOnly
	return sqlstore.Open(ctx, s)
}

func sqlConfig(c config.Store) sqlstore.Config {
	return sqlstore.Config{
		Driver:          c.Driver,
		DSN:             c.DSN.Reveal(),
		Query:           c.Query,
		MaxOpenConns:    c.MaxOpenConns,
		MaxIdleConns:    c.MaxIdleConns,
		ConnMaxLifetime: c.ConnMaxLifetime,

		StatementTimeout:   c.StatementTimeout,
		PreparedStatements: c.PreparedStatements,
	}
}
