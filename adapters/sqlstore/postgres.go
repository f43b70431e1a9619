package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// statementTimeout is a run-time parameter of the server: how long a statement
// may run, in milliseconds.
const statementTimeout = "statement_timeout"

// openPostgres prepares the one pool that reads and writes. Connecting and each
// statement have the limit of Config.StatementTimeout, unless the data source
// name says connect_timeout or statement_timeout itself.
func openPostgres(c Config) (*Store, error) {
	// The errors of the parser repeat what they parse, password included, so
	// they are not even a cause.
	refused := fault.New(fault.Invalid,
		"it must be a URL such as postgres://user:password@host:5432/name?sslmode=disable, or a list such as "+
			"host=localhost user=nflow password=... dbname=nflow; see that its options are spelled right").
		AtField("database_nflow.dsn")
	config, err := pq.NewConfig(c.DSN)
	if err != nil {
		return nil, refused
	}
	if config.ApplicationName == "" {
		config.ApplicationName = "nflow"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = c.StatementTimeout + time.Second // the limit of the call comes first, and says more
	}
	s := newStore(postgresSQL, c, nil)
	s.secrets = []string{c.DSN, config.Password}
	limited := config.Clone()
	if _, own := limited.Runtime[statementTimeout]; !own && !strings.Contains(limited.Options, statementTimeout) {
		s.serverLimit = true
		limited.Runtime[statementTimeout] = milliseconds(c.StatementTimeout)
	}
	connects := &pgConnector{config: limited}
	if c.PreparedStatements {
		connects.book = s.book
	}
	db := sqlx.NewDb(sql.OpenDB(connects), Postgres)
	db.SetMaxOpenConns(c.MaxOpenConns)
	db.SetMaxIdleConns(c.MaxIdleConns)
	db.SetConnMaxLifetime(c.ConnMaxLifetime)
	s.writer, s.reader = db, db
	s.unlimited = func() *sql.DB {
		pool := sql.OpenDB(&pgConnector{config: config})
		pool.SetMaxOpenConns(2) // a migration holds one for its lock
		return pool
	}
	s.listens = func() *listener { return listen(c.DSN, config.ConnectTimeout) }
	return s, nil
}

// pgConnector makes connections.
type pgConnector struct {
	config pq.Config
	book   *book       // nil = nothing is prepared
	plain  atomic.Bool // a pooler refuses our statement_timeout
}

// Driver implements driver.Connector.
func (c *pgConnector) Driver() driver.Driver { return pq.Driver{} }

// Connect implements driver.Connector.
func (c *pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.connect(ctx)
	if isRefusedParameter(err) && !c.plain.Load() {
		c.plain.Store(true) // what is left is the limit of our own
		conn, err = c.connect(ctx)
	}
	return conn, err
}

func (c *pgConnector) connect(ctx context.Context) (driver.Conn, error) {
	config := c.config
	if c.plain.Load() {
		config = config.Clone()
		delete(config.Runtime, statementTimeout)
	}
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, err
	}
	connector.Dialer(&pgDialer{})
	w := &wire{}
	defer w.cutAfter(ctx)()
	conn, err := connector.Connect(context.WithValue(ctx, wireKey{}, w))
	if err != nil {
		return nil, err
	}
	able, ok := conn.(pqConn)
	if !ok {
		return nil, errors.Join(errors.New("lib/pq changed its connections"), conn.Close())
	}
	made := &pgConn{pqConn: able, wire: w, book: c.book}
	if c.book != nil {
		made.prepared, made.edition = make(map[string]driver.Stmt), c.book.edition.Load()
	}
	return made, nil
}

// isRefusedParameter says whether a pooler such as pgbouncer does not let a
// connection begin with statement_timeout.
func isRefusedParameter(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "08P01" && strings.Contains(e.Message, statementTimeout)
}
