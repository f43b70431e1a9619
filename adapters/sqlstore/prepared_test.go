package sqlstore_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// TestPreparedOutlivesAMigration: another instance changes the tables below
// statements that are prepared.
func TestPreparedOutlivesAMigration(t *testing.T) {
	dsn := pgtest.DSN(t)
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: dsn, PreparedStatements: true, MaxOpenConns: 4})
	other := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: dsn})
	use := func() {
		t.Helper()
		errs := make(chan error, 8)
		for i := range cap(errs) { // all connections
			go func() {
				_, err := s.PutSettingIfAbsent(t.Context(), "k", "v")
				if err == nil && i%2 == 0 {
					_, err = s.Setting(t.Context(), "k")
				}
				errs <- err
			}()
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				t.Fatal(chain(err))
			}
		}
	}
	use()
	for _, kind := range []string{"VARCHAR(100)", "TEXT", "VARCHAR(50)"} {
		exec(t, other.Writer(), "ALTER TABLE nf_settings ALTER COLUMN content TYPE "+kind)
		use()
	}
	for range 3 { // as a pooler may do
		exec(t, s.Writer(), "DEALLOCATE ALL")
		use()
	}
}

// TestPreparedIsBounded: only fixed texts stay in a connection.
func TestPreparedIsBounded(t *testing.T) {
	count := func(prepared bool) int {
		s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: pgtest.DSN(t), PreparedStatements: prepared, MaxOpenConns: 1})
		fill(t, s)
		useEverything(t, s)
		for n := range 60 {
			runs := make([]ports.RunRecord, n+1)
			for i := range runs {
				runs[i].ID = fmt.Sprint("r", i)
			}
			if err := s.AppendRuns(t.Context(), runs); err != nil {
				t.Fatal(chain(err))
			}
		}
		n, err := strconv.Atoi(column(t, s.Writer(), "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''")[0])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(true); n < 10 || n > 60 {
		t.Errorf("%d prepared statements", n)
	}
	if n := count(false); n != 0 {
		t.Errorf("%d prepared statements though they are off", n)
	}
}

// TestPoolerMixesStatementsUp is what a pooler between transactions comes to.
func TestPoolerMixesStatementsUp(t *testing.T) {
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: pgtest.DSN(t), PreparedStatements: true, MaxOpenConns: 1})
	for n := range 100 { // names that the connection is going to use, or does already
		_, _ = s.Writer().ExecContext(t.Context(), fmt.Sprintf(`PREPARE "%d" AS SELECT 1`, n))
	}
	_, err := s.Runs(t.Context(), ports.RunFilter{Limit: 1, Workflow: "x"})
	wantFault(t, err, fault.Unavailable, "pooler", "database_nflow.prepared_statements")
}
