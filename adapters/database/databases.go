package database

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Databases = (*Databases)(nil)

// Target is one configured database.
type Target struct {
	Driver string // "sqlite3" or "postgres"
	DSN    string // as go-sqlite3 and lib/pq take it; never shown
	// MaxOpenConns bounds the connections; default 10, and 1 for a SQLite
	// database in memory, because each connection would have its own.
	MaxOpenConns int
	MaxIdleConns int           // default: as many as may be open
	IdleTimeout  time.Duration // after which an unused connection is closed; default 5 min
	// ConnMaxLifetime is the age at which a connection is replaced; default 0,
	// never, and without effect on a SQLite database in memory.
	ConnMaxLifetime time.Duration
}

// Config bounds all databases. The zero value means the defaults.
type Config struct {
	MaxRows  int // of a query whose request sets none; default 10,000
	MaxBytes int // of all results of a request, as JSON; default 16 MiB
	// StatementTimeout bounds each statement; default 30 s.
	StatementTimeout time.Duration
	// ConnectTimeout bounds the wait for a connection, new or from the pool;
	// default 10 s.
	ConnectTimeout time.Duration
}

func (c Config) withDefaults() Config {
	if c.MaxRows <= 0 {
		c.MaxRows = 10_000
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 16 << 20
	}
	if c.StatementTimeout <= 0 {
		c.StatementTimeout = 30 * time.Second
	}
	if c.ConnectTimeout <= 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	return c
}

// Databases are the configured databases; each connects when it is first used.
type Databases struct {
	cfg     Config
	targets map[string]target
}

// target is a database and how it writes parameters.
type target struct {
	name   string
	db     *sql.DB
	marker byte // '$' or '?', before the number of a parameter
}

// New checks the targets without connecting. All faults come back at once as a
// fault.List of code invalid.
func New(targets map[string]Target, cfg Config) (*Databases, error) {
	d := &Databases{cfg: cfg.withDefaults(), targets: make(map[string]target, len(targets))}
	var faults fault.List
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		t, err := open(name, targets[name], d.cfg)
		if err != nil {
			faults.Add(err)
			continue
		}
		d.targets[name] = t
	}
	if err := faults.Err(); err != nil {
		_ = d.Close() // nothing was connected yet
		return nil, err
	}
	return d, nil
}

// Close closes every connection; statements that run are waited for.
func (d *Databases) Close() error {
	var errs []error
	for _, t := range d.targets {
		errs = append(errs, t.db.Close())
	}
	return errors.Join(errs...)
}

// Names lists the configured names, sorted.
func (d *Databases) Names() []string { return slices.Sorted(maps.Keys(d.targets)) }

// Query runs statements, see ports.Databases. Besides the faults named there,
// invalid is a statement or parameter that cannot be run at all. Limits:
// limits.max_rows, limits.max_response_bytes, statement_timeout.
func (d *Databases) Query(ctx context.Context, r node.QueryRequest) (node.QueryResult, error) {
	t, ok := d.targets[r.Database]
	if !ok {
		return node.QueryResult{}, d.unknown(r.Database)
	}
	statements, err := t.compile(r.Statements)
	if err != nil {
		return node.QueryResult{}, err
	}
	job := job{target: t, cfg: d.cfg, rowsLeft: d.cfg.MaxRows, bytesLeft: d.cfg.MaxBytes}
	if r.MaxRows > 0 {
		job.rowsLeft = r.MaxRows
	}
	values, err := job.run(ctx, statements)
	if err != nil {
		return node.QueryResult{}, err
	}
	return node.QueryResult{Values: values}, nil
}

func (d *Databases) unknown(name string) error {
	if len(d.targets) == 0 {
		return fault.New(fault.NotFound, "there is no database %q: none is configured in [databases]", name)
	}
	return fault.New(fault.NotFound, "there is no database %q; the configured ones are %s", name, strings.Join(d.Names(), ", "))
}

// rowsOf is the JSON array of encoded rows.
func rowsOf(rows []byte) payload.Value {
	out := make([]byte, 0, len(rows)+2)
	out = append(out, '[')
	out = append(out, rows...)
	return payload.Trusted(append(out, ']'))
}
