package sqlstore

import "database/sql"

// Writer is the pool that writes, for tests.
func (s *Store) Writer() *sql.DB { return s.writer.DB }

// Number is dialect.number, for tests.
func Number(postgres bool, statement string) (string, int) {
	return dialect(postgres).number(statement)
}

// DSN is the data source name of a PostgreSQL store, for tests.
func (s *Store) DSN() string { return s.secrets[0] }

// Statements whose plans matter, for tests.
const (
	ChangedSinceStatement = changedSince
	CrowdedStatement      = crowdedStatement
)
