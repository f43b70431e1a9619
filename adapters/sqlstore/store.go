package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	dialect dialect
	writer  *sqlx.DB
	reader  *sqlx.DB // may be the writer
	busy    time.Duration
	limit   time.Duration // of usual calls
	book    *book
	secrets []string // texts no error may hold; SQLite's errors never name the file
	named   statements

	unmigrated  bool             // our tables may be missing
	serverLimit bool             // the server ends statements at the limit, too
	unlimited   func() *sql.DB   // connections without that; nil = the writer has no such limit
	listens     func() *listener // nil = the engine announces nothing
	ears        ears             // what listens made
	tracker     trackerTable     // how to write into the designer's table
	file        string           // of a SQLite database
	place       *place           // of that file; nil = none to watch
}

var (
	_ ports.WorkflowReader = (*Store)(nil)
	_ ports.WorkflowWriter = (*Store)(nil)
	_ ports.Library        = (*Store)(nil)
	_ ports.UserStore      = (*Store)(nil)
	_ ports.TokenStore     = (*Store)(nil)
	_ ports.Settings       = (*Store)(nil)
	_ ports.SessionStore   = (*Store)(nil)
	_ ports.RunStore       = (*Store)(nil)
	_ ports.PluginStore    = (*Store)(nil)
	_ ports.PluginSwitches = (*Store)(nil)
	_ ports.KeyValues      = (*Store)(nil)
	_ ports.Pinger         = (*Store)(nil)

	_ ports.WorkflowChanges = (*Store)(nil)
	_ ports.TrackerStore    = (*Store)(nil)
)

// Open connects, brings the schema up to date unless Config.NoMigrate, and
// reads the designer's statements. Faults: invalid (configuration), unavailable
// (the database does not let us in), precondition_failed (a newer version
// migrated it).
func Open(ctx context.Context, config Config) (*Store, error) {
	config = config.withDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	open := openSQLite
	if config.Driver == Postgres {
		open = openPostgres
	}
	s, err := open(config)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, config); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// newStore returns a store over one pool.
func newStore(d dialect, c Config, pool *sqlx.DB) *Store {
	return &Store{dialect: d, writer: pool, reader: pool, busy: c.BusyTimeout, limit: c.StatementTimeout, book: newBook(d)}
}

// prepare does what needs a connection.
func (s *Store) prepare(ctx context.Context, config Config) error {
	if err := s.within(ctx, "open the database", usual, s.writer.PingContext); err != nil {
		if f := fault.As(err); s.dialect == sqliteSQL { // its advice speaks of a file
			return f.AtField("database_nflow.dsn")
		}
		return err
	}
	s.place = remember(s.file)
	if config.NoMigrate {
		s.unmigrated = true
		if _, err := s.Pending(ctx); err != nil {
			return err
		}
	} else if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	return s.loadStatements(ctx, config.Query)
}

// Close waits for running statements and closes all connections.
func (s *Store) Close() error {
	s.ears.close()
	err := s.writer.Close()
	if s.reader != s.writer {
		err = errors.Join(err, s.reader.Close())
	}
	if err != nil {
		return fault.Wrap(s.scrub(err), fault.Internal, "cannot close the database")
	}
	return nil
}

// Ping asks the database for something only a working one can answer. Fault:
// unavailable.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.inPlace(); err != nil {
		return err
	}
	return s.reading(ctx, "reach the database", usual, func(ctx context.Context, q conn) error {
		var n int
		return q.get(ctx, &n, "SELECT count(*) FROM (SELECT key FROM nf_settings LIMIT 1) AS one")
	})
}
