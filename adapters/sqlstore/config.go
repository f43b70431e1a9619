package sqlstore

import (
	"cmp"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// The values of Config.Driver.
const (
	SQLite   = "sqlite3"
	Postgres = "postgres"
)

// Config says which database to use and how.
type Config struct {
	// Driver is SQLite or Postgres.
	Driver string
	// DSN is a file name or file: URI for SQLite, a URL or a list of key=value
	// for PostgreSQL. It may hold a password and shows up in no error.
	DSN string
	// MaxOpenConns bounds the connections. Default 10. SQLite uses one of them
	// for writing and the others for reading, at least one.
	MaxOpenConns int
	// MaxIdleConns of them stay open when idle. Default MaxOpenConns.
	MaxIdleConns int
	// ConnMaxLifetime is how long a connection is used. Default 0 = forever.
	ConnMaxLifetime time.Duration
	// Query lists the designer's statements as (name, statement). Default
	// "SELECT name,query FROM queries".
	Query string
	// BusyTimeout is how long to wait for a SQLite file that another process has
	// locked, and to try again what PostgreSQL rolled back. Default 5 s.
	BusyTimeout time.Duration
	// StatementTimeout bounds every call, waiting for a free connection included,
	// and on PostgreSQL each statement on the server, too. Listing all workflows,
	// moving plugins and deleting old run records and tracker rows may take ten times
	// as long, Migrate a hundred times and at least ten minutes. Default 10 s.
	StatementTimeout time.Duration
	// PreparedStatements keeps our own statements prepared in each connection.
	// A pooler that hands a connection to somebody else between transactions, such
	// as pgbouncer in transaction mode, needs it off.
	PreparedStatements bool
	// NoMigrate leaves the schema as it is; see Store.Pending. Tables of ours that
	// are missing then read as empty.
	NoMigrate bool
	// ReadOnly changes nothing, not even by opening: it implies NoMigrate, and a
	// SQLite file that does not exist reads as an empty database.
	ReadOnly bool
}

func (c Config) withDefaults() Config {
	c.NoMigrate = c.NoMigrate || c.ReadOnly
	c.MaxOpenConns = cmp.Or(c.MaxOpenConns, 10)
	c.MaxIdleConns = cmp.Or(c.MaxIdleConns, c.MaxOpenConns)
	c.Query = cmp.Or(c.Query, "SELECT name,query FROM queries")
	c.BusyTimeout = cmp.Or(c.BusyTimeout, 5*time.Second)
	c.StatementTimeout = cmp.Or(c.StatementTimeout, 10*time.Second)
	return c
}

// Validate reports every fault at once; code invalid.
func (c Config) Validate() error {
	var faults fault.List
	add := func(field, message string) {
		faults.Add(fault.New(fault.Invalid, "%s", message).AtField("database_nflow." + field))
	}
	if c.Driver != SQLite && c.Driver != Postgres {
		add("driver", `must be "sqlite3" or "postgres"`)
	}
	if c.DSN == "" {
		add("dsn", "must not be empty: give a file name for sqlite3, a URL for postgres")
	}
	if c.MaxOpenConns < 0 {
		add("max_open_conns", "must not be negative")
	}
	if c.MaxIdleConns < 0 {
		add("max_idle_conns", "must not be negative")
	}
	if c.ConnMaxLifetime < 0 {
		add("conn_max_lifetime", "must not be negative")
	}
	if c.BusyTimeout < 0 {
		add("busy_timeout", "must not be negative")
	}
	if c.StatementTimeout < 0 {
		add("statement_timeout", "must not be negative")
	}
	return faults.Err()
}
