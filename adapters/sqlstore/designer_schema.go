package sqlstore

import (
	"context"
	"database/sql"
)

// firstVersion is the migration that runs begin.
const firstVersion = 1

// begin is the first migration. The index makes each later migration fail for
// whoever applies it second, however harmless its statements are to repeat:
// SQLite has no lock that would let one instance at a time look and act.
func (s *Store) begin(ctx context.Context, tx *sql.Tx) error {
	const once = "CREATE UNIQUE INDEX nf_migrations_once ON " + versionTable + " (version_id)"
	if _, err := tx.ExecContext(ctx, once); err != nil {
		return err
	}
	return s.createDesigner(ctx, tx)
}

// createDesigner gives a database without any table of the designer all of
// them, so that the designer can be pointed at it. A database with one of them
// belongs to a designer and stays as it is.
func (s *Store) createDesigner(ctx context.Context, tx *sql.Tx) error {
	exists, file := "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE)", "sqlite.sql"
	if s.dialect == postgresSQL {
		exists, file = "SELECT to_regclass($1) IS NOT NULL", "postgres.sql"
	}
	for _, table := range []string{
		"nflow", "modules", "template", "templete", "queries", "users", "api_tokens", "tracker",
	} {
		var found bool
		if err := tx.QueryRowContext(ctx, exists, table).Scan(&found); err != nil {
			return err
		}
		if found {
			return nil
		}
	}
	schema, err := migrations.ReadFile("migrations/designer/" + file)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, string(schema))
	return err
}

// advisoryLock lets one instance migrate at a time. The lock belongs to the
// connection, so it goes when its holder dies.
type advisoryLock struct{}

// advisoryKey is "nflow" in ASCII, so that nobody else has it.
const advisoryKey = 0x6e666c6f77

// SessionLock waits for the lock, or for the end of ctx.
func (advisoryLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", advisoryKey)
	return err
}

// SessionUnlock gives the lock back.
func (advisoryLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", advisoryKey)
	return err
}
