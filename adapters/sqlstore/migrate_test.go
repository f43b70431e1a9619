package sqlstore_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestMigrateTwice(t *testing.T) {
	all := []string{"00001_designer", "00002_store", "00003_plugins", "00004_shared"}
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: e.fresh(t), NoMigrate: true, MaxOpenConns: 1})
		pending, err := s.Pending(t.Context())
		if diff := cmp.Diff(all, pending); diff != "" || err != nil {
			t.Fatalf("pending before: %v %s", err, diff)
		}
		for _, want := range [][]string{all, nil} {
			applied, err := s.Migrate(t.Context())
			if diff := cmp.Diff(want, applied); diff != "" || err != nil {
				t.Fatalf("applied: %v %s", err, diff)
			}
		}
		if pending, err := s.Pending(t.Context()); len(pending) > 0 || err != nil {
			t.Fatalf("pending after: %v %v", pending, err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNoMigrateChangesNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: e.fresh(t), NoMigrate: true})
		if tables := tables(t, s.Writer()); len(tables) > 0 {
			t.Errorf("tables %v", tables)
		}
		wantFault(t, s.Ping(t.Context()), fault.Unavailable, "run nflow migrate")
		_, err := s.Setting(t.Context(), "k")
		wantFault(t, err, fault.Unavailable, "run nflow migrate")
		_, err = s.Module(t.Context(), "m") // lists and libraries read as empty, for imports
		wantFault(t, err, fault.NotFound, "no module")
	})
}

func TestEmptyDatabaseGetsBothSets(t *testing.T) {
	want := []string{
		"api_tokens", "modules", "nf_credentials", "nf_migrations", "nf_modules", "nf_plugin_revisions",
		"nf_plugin_switches", "nf_plugins", "nf_revision", "nf_runs", "nf_sessions", "nf_settings", "nf_templates", "nf_tokens",
		"nf_value_spaces", "nf_values", "nf_workflow_versions", "nf_workflows", "nflow", "queries", "template", "tracker", "users",
	}
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: e.fresh(t)})
		if diff := cmp.Diff(want, tables(t, s.Writer())); diff != "" {
			t.Error(diff)
		}
		// The designer's own statements must find their columns.
		db := s.Writer()
		exec(t, db, "INSERT INTO queries (name, query) VALUES ('QueryGetApp', 'SELECT json, default_js FROM nflow WHERE name = $1')")
		exec(t, db, `INSERT INTO tracker (log_id, box_id, box_name, box_type, url, username, connection_next, duration,
			order_box, payload, ip, real_ip, user_agent, query_param, hostname, host)
			VALUES ($1, '', '', '', '', '', '', '12m', 1, '{}', '', '', '', '', '', '')`, "log")
		exec(t, db, "INSERT INTO api_tokens (name, token, start, expired, active, header, token_type) VALUES ('a', 'b', 1, 2, true, 'c', 'd')")
		exec(t, db, "INSERT INTO nflow (name, json, default_js, tag) VALUES ('a', '{}', NULL, NULL)")
	})
}

// TestTenOpenAtOnce is ten instances that start together on a new database.
func TestTenOpenAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		dsn := e.fresh(t)
		stores, errs := make([]*sqlstore.Store, 10), make([]error, 10)
		var wg sync.WaitGroup
		for i := range stores {
			wg.Go(func() {
				stores[i], errs[i] = sqlstore.Open(t.Context(), sqlstore.Config{Driver: e.driver, DSN: dsn, MaxOpenConns: 3})
			})
		}
		wg.Wait()
		for i, err := range errs {
			if err != nil {
				t.Errorf("instance %d: %v", i, chain(err))
			} else {
				t.Cleanup(func() { stores[i].Close() })
			}
		}
		if t.Failed() {
			return
		}
		versions := column(t, stores[0].Writer(), "SELECT version_id FROM nf_migrations ORDER BY id")
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, versions); diff != "" {
			t.Errorf("applied (-want +got):\n%s", diff)
		}
		raceInstances(t, stores)
	})
}

// raceInstances lets all instances publish the same version.
func raceInstances(t *testing.T, stores []*sqlstore.Store) {
	for version := range 3 {
		errs := make([]error, 3*len(stores))
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = stores[i%len(stores)].Put(t.Context(), ports.Workflow{ID: "shop"}, version)
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.CodeOf(err) != fault.PreconditionFailed {
				t.Errorf("error %v", chain(err))
			}
		}
		if won != 1 {
			t.Fatalf("%d instances won version %d", won, version+1)
		}
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		dsn := e.fresh(t)
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: dsn})
		exec(t, s.Writer(), "INSERT INTO nf_migrations (version_id, is_applied) VALUES (999, $1)", true)
		for _, noMigrate := range []bool{false, true} {
			_, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: e.driver, DSN: dsn, NoMigrate: noMigrate})
			wantFault(t, err, fault.PreconditionFailed, "999", "upgrade nflow")
		}
		_, err := s.Migrate(t.Context())
		wantFault(t, err, fault.PreconditionFailed, "upgrade nflow")
		_, err = s.Pending(t.Context())
		wantFault(t, err, fault.PreconditionFailed, "upgrade nflow")
	})
}

// tables are the names of all tables, sorted.
func tables(t *testing.T, db *sql.DB) []string {
	t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if isPostgres(db) {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	names := column(t, db, query)
	slices.Sort(names)
	return names
}

// column is the first column of a query's rows, as text.
func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var cell any
		if err := rows.Scan(&cell); err != nil {
			t.Fatal(err)
		}
		if b, ok := cell.([]byte); ok {
			cell = string(b)
		}
		texts = append(texts, fmt.Sprint(cell))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

func isPostgres(db *sql.DB) bool { return strings.Contains(fmt.Sprintf("%T", db.Driver()), "pq.") }
