package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/mattn/go-sqlite3"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// The drivers.
const (
	sqliteDriver   = "sqlite3"
	postgresDriver = "postgres"
)

// open prepares a database; it does not connect. Nothing of the DSN is in the
// fault: even a parser's complaint may quote the password.
func open(name string, t Target, cfg Config) (target, *fault.Fault) {
	field := "databases." + name
	if strings.TrimSpace(t.DSN) == "" {
		return target{}, fault.New(fault.Invalid, "is missing").AtField(field + ".dsn")
	}
	out := target{name: name}
	conns := t.MaxOpenConns
	switch t.Driver {
	case postgresDriver:
		settings, err := pq.NewConfig(t.DSN)
		if err != nil {
			return out, fault.New(fault.Invalid, "is not a valid PostgreSQL DSN; it looks like postgres://user:password@host:5432/name").AtField(field + ".dsn")
		}
		if settings.ConnectTimeout <= 0 {
			settings.ConnectTimeout = cfg.ConnectTimeout
		}
		connector, err := pq.NewConnectorConfig(settings)
		if err != nil {
			return out, fault.New(fault.Invalid, "has settings that do not go together").AtField(field + ".dsn")
		}
		out.db, out.marker = sql.OpenDB(connector), '$'
	case sqliteDriver:
		out.db, out.marker = sql.OpenDB(newSQLiteConnector(t.DSN)), '?'
		if inMemory(t.DSN) {
			conns = 1
			t.IdleTimeout, t.ConnMaxLifetime = -1, 0 // closing the connection would empty the database
		}
	default:
		return out, fault.New(fault.Invalid, "%q is unknown; use sqlite3 or postgres", t.Driver).AtField(field + ".driver")
	}
	setPool(out.db, conns, t)
	return out, nil
}

func setPool(db *sql.DB, conns int, t Target) {
	if conns <= 0 {
		conns = 10
	}
	idle, timeout := t.MaxIdleConns, t.IdleTimeout
	if idle <= 0 {
		idle = conns
	}
	if timeout == 0 {
		timeout = 5 * time.Minute
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(idle)
	db.SetConnMaxIdleTime(timeout)
	db.SetConnMaxLifetime(t.ConnMaxLifetime)
}

// maxSQLiteValue bounds one text, blob or row. SQLite runs inside this process,
// and by default one expression may make a gigabyte of it.
const maxSQLiteValue = 64 << 20

// sqliteConnector opens SQLite connections that cannot attach other files.
type sqliteConnector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
}

func newSQLiteConnector(dsn string) sqliteConnector {
	// A transaction that begins by reading could not write when somebody else
	// wrote in between; taking the lock first makes it wait instead.
	if !strings.Contains(dsn, "_txlock=") && !strings.Contains(dsn, "mode=ro") && !strings.Contains(dsn, "immutable=") {
		separator := "?"
		if strings.Contains(dsn, "?") {
			separator = "&"
		}
		dsn += separator + "_txlock=immediate"
	}
	return sqliteConnector{dsn: dsn, driver: &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		c.SetLimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
		c.SetLimit(sqlite3.SQLITE_LIMIT_LENGTH, maxSQLiteValue)
		return nil
	}}}
}

// Connect opens a connection; it reads no network, so there is nothing to
// cancel.
func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver returns the driver.
func (c sqliteConnector) Driver() driver.Driver { return c.driver }

func inMemory(dsn string) bool {
	return (strings.Contains(dsn, ":memory:") || strings.Contains(dsn, "mode=memory")) && !strings.Contains(dsn, "cache=shared")
}
