package sqlstore

import (
	"database/sql"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// openPostgres prepares the one pool that reads and writes.
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
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, refused
	}
	db := sqlx.NewDb(sql.OpenDB(connector), Postgres)
	db.SetMaxOpenConns(c.MaxOpenConns)
	db.SetMaxIdleConns(c.MaxIdleConns)
	db.SetConnMaxLifetime(c.ConnMaxLifetime)
	return &Store{dialect: postgresSQL, writer: db, reader: db, busy: c.BusyTimeout, secrets: []string{c.DSN, config.Password}}, nil
}
