package sqlstore_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// TestNoStatementIsCompiled: PostgreSQL compiles statements that it takes for
// expensive, which costs milliseconds each time. Of tables without statistics, as
// all new ones, it thinks that they are large.
func TestNoStatementIsCompiled(t *testing.T) {
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: pgtest.DSN(t), PreparedStatements: true, MaxOpenConns: 1})
	fill(t, s)
	callEverything(t.Context(), s)
	checkPlans(t, s)
	manyWorkflows(t, s)
	manyRuns(t, s)
	checkPlans(t, s)
	exec(t, s.Writer(), "ANALYZE")
	checkPlans(t, s)
}

const manyWorkflowsStatement = `INSERT INTO nf_workflows (id, active, last_version, deleted, changed)
	WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
	SELECT 'many' || n, 1, 1, FALSE, n FROM numbers`

// manyRuns makes 200 records of each of 100 workflows.
func manyRuns(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	exec(t, s.Writer(), `INSERT INTO nf_runs
		(id, workflow, version, status, started_by, started, duration_ms, steps, error_code, error, error_node, nodes)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
		SELECT 'run' || n, 'w' || (n % 100), 1, 'ok', 'http', n, 1, 1, '', '', '', '[`+
		strings.Repeat(`{"node":"n1","ms":0.1},`, 20)+`{}]' FROM numbers`)
}

// manyWorkflows makes 10,000, one in each revision.
func manyWorkflows(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	exec(t, s.Writer(), manyWorkflowsStatement)
	exec(t, s.Writer(), "UPDATE nf_revision SET revision = 10000")
}

// checkPlans looks at what the only connection of a store has prepared.
func checkPlans(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	exec(t, s.Writer(), "DISCARD PLANS")
	exec(t, s.Writer(), "SET plan_cache_mode = force_generic_plan") // the server comes to it after some calls
	explain := column(t, s.Writer(), `SELECT 'EXPLAIN EXECUTE ' || quote_ident(name) || ' (' ||
		array_to_string(array_fill('NULL'::text, ARRAY[cardinality(parameter_types)]), ',') || ') --' || statement
		FROM pg_prepared_statements WHERE name <> '' ORDER BY 1`)
	if len(explain) < 50 {
		t.Errorf("only %d statements", len(explain))
	}
	limit, err := strconv.ParseFloat(column(t, s.Writer(), "SHOW jit_above_cost")[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	costs := regexp.MustCompile(`cost=[\d.]+\.\.([\d.]+)`)
	for _, text := range explain {
		text, statement, _ := strings.Cut(text, " --")
		plan := strings.Join(column(t, s.Writer(), text), "\n")
		cost, err := strconv.ParseFloat(costs.FindStringSubmatch(plan)[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		if cost > limit/10 {
			t.Errorf("%s\n%s", statement, plan)
		}
	}
}

// TestLookingForChangesUsesTheIndex: every instance looks several times a second.
func TestLookingForChangesUsesTheIndex(t *testing.T) {
	explain := map[string]string{sqlstore.SQLite: "EXPLAIN QUERY PLAN ", sqlstore.Postgres: "EXPLAIN (ANALYZE) "}
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: e.fresh(t), PreparedStatements: true})
		manyWorkflows(t, s)
		for _, since := range []string{"9990", "10000", "10001"} {
			statement := explain[e.driver] + strings.ReplaceAll(sqlstore.ChangedSinceStatement, "$1", since)
			plan := fmt.Sprint(lastColumn(t, s.Writer(), statement))
			if !strings.Contains(plan, "nf_workflows_changed") || strings.Contains(plan, "JIT") {
				t.Errorf("since %s: %s", since, plan)
			}
		}
	})
}

// TestPruningRuns: when nothing is to be deleted, which is most of the time, SQLite
// reads no record. PostgreSQL decides by the size of its pages.
func TestPruningRuns(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: e.fresh(t)})
		manyRuns(t, s)
		if e.driver == sqlstore.SQLite {
			statement := "EXPLAIN QUERY PLAN " + strings.NewReplacer("$1", "300", "$2", "1000").Replace(sqlstore.CrowdedStatement)
			if plan := fmt.Sprint(lastColumn(t, s.Writer(), statement)); plan != "[SCAN nf_runs USING COVERING INDEX nf_runs_workflow]" {
				t.Error(plan)
			}
		}
		exec(t, s.Writer(), "UPDATE nf_runs SET workflow = '' WHERE workflow = 'w7'")
		for _, want := range []int{1500, 500, 0} { // of 200 in each of 100 workflows
			if n, err := s.PruneRuns(t.Context(), "", 180, 1500); n != want || err != nil {
				t.Errorf("deleted %d, want %d: %v", n, want, err)
			}
		}
		for _, most := range []int{0, -1} {
			if n, err := s.PruneRuns(t.Context(), "", 0, most); n != 0 || err != nil {
				t.Errorf("at most %d: deleted %d, %v", most, n, err)
			}
		}
	})
}

func lastColumn(t *testing.T, db *sql.DB, query string) (texts []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells, text := make([]any, len(names)), ""
		for i := range cells {
			cells[i] = new(any)
		}
		cells[len(cells)-1] = &text
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// BenchmarkChangedSince is a look that finds nothing new among 10,000.
func BenchmarkChangedSince(b *testing.B) {
	for name, s := range benchEngines(b) {
		for _, statement := range []string{manyWorkflowsStatement, "UPDATE nf_revision SET revision = 10000"} {
			if _, err := s.Writer().ExecContext(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := s.ChangedSince(b.Context(), 10_000); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
