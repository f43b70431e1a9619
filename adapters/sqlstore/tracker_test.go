package sqlstore_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// trackerRows reads the designer's table, as it is when it is ours.
func trackerRows(t *testing.T, db *sql.DB) []ports.TrackerRow {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT log_id, box_id, box_name, box_type, url, username, connection_next,
		duration, created, order_box, payload, ip, real_ip, user_agent, query_param, hostname, host FROM tracker ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []ports.TrackerRow
	for rows.Next() {
		var r ports.TrackerRow
		var took string
		if err := rows.Scan(&r.LogID, &r.BoxID, &r.BoxName, &r.BoxType, &r.URL, &r.Username, &r.ConnectionNext, &took, &r.Created,
			&r.Order, &r.Payload, &r.IP, &r.RealIP, &r.UserAgent, &r.QueryParam, &r.Hostname, &r.Host); err != nil {
			t.Fatal(err)
		}
		r.Created = r.Created.UTC()
		if r.Duration, err = time.ParseDuration(took + "s"); err != nil { // 12m, which means milliseconds
			t.Error(err)
		}
		found = append(found, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// trackerOf opens a store over tables that a designer made.
func trackerOf(t *testing.T, e engine, statements ...string) *sqlstore.Store {
	t.Helper()
	return open(t, sqlstore.Config{Driver: e.driver, DSN: designed(t, e, statements...), PreparedStatements: true})
}

func visited(log string, order int) ports.TrackerRow {
	return ports.TrackerRow{
		LogID: log, BoxID: "n1", BoxName: `"box"`, Duration: 1500 * time.Millisecond, Order: order, IP: "10.0.0.1", RealIP: "unknown",
		Payload: `{"a": 1}`, Created: time.Date(2026, 3, 14, 12, 0, 0, 250_000_000, time.FixedZone("elsewhere", 3600)),
	}
}

func TestTrackerTypes(t *testing.T) {
	tests := map[string]struct {
		engines string
		table   string
		columns string // read back as texts
		want    []string
	}{
		"few columns": {
			"postgres sqlite", "id INTEGER, log_id VARCHAR(3), more TEXT DEFAULT 'd'", "log_id || more", []string{"rund", "rund"},
		},
		"numbers": {
			"postgres sqlite", "id INTEGER, duration BIGINT, order_box TEXT, created BIGINT", "duration || order_box || created",
			[]string{"150011773486000", "150021773486000"},
		},
		"decimals": {
			"postgres", "id INTEGER, duration NUMERIC(9,3), order_box SMALLINT, created DOUBLE PRECISION",
			"duration || ' ' || order_box || ' ' || created", []string{"1500.000 1 1773486000.25", "1500.000 2 1773486000.25"},
		},
		"times": {
			"postgres", "id INTEGER, created TIMESTAMP, duration INTERVAL", "created || ' ' || duration",
			[]string{"2026-03-14 11:00:00.25 00:00:01.5", "2026-03-14 11:00:00.25 00:00:01.5"},
		},
		"texts": {
			"postgres sqlite", "id INTEGER, created TEXT, duration TEXT, order_box TEXT", "created || ' ' || duration || ' ' || order_box",
			[]string{"2026-03-14 11:00:00.250 1500m 1", "2026-03-14 11:00:00.250 1500m 2"},
		},
		"types of PostgreSQL": {
			"postgres", "id INTEGER, payload JSONB, ip INET, real_ip INET, log_id CHAR(4), box_name TEXT, username UUID",
			"(payload->>'a') || host(ip) || COALESCE(host(real_ip), '-') || log_id || box_name || COALESCE(username::text, '-')",
			[]string{`110.0.0.1-run"box"-`, `110.0.0.1-run"box"-`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, e engine) {
				if !strings.Contains(tt.engines, strings.TrimSuffix(e.driver, "3")) {
					return
				}
				s := trackerOf(t, e, "CREATE TABLE tracker ("+tt.table+")")
				if err := s.AppendTracker(t.Context(), []ports.TrackerRow{visited("run", 1), visited("run", 2)}); err != nil {
					t.Fatal(chain(err))
				}
				if diff := cmp.Diff(tt.want, column(t, s.Writer(), "SELECT "+tt.columns+" FROM tracker")); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestTrackerRefusals: what cannot be stored is told in words, and leaves nothing.
func TestTrackerRefusals(t *testing.T) {
	tests := []struct {
		name, engines string
		statements    []string
		texts         []string
	}{
		{"no table", "postgres sqlite", nil, []string{"no table tracker", "tracker.enabled"}},
		{"nothing in common", "postgres sqlite", []string{"CREATE TABLE tracker (a TEXT)"}, []string{"no table tracker"}},
		{"bytes", "postgres", []string{"CREATE TABLE tracker (log_id TEXT, duration BYTEA)"}, []string{"duration", "bytea"}},
		{"a number for a text", "postgres", []string{"CREATE TABLE tracker (log_id BIGINT, box_name TEXT)"}, []string{"refuses", "log_id bigint"}},
		{"a column that must be filled", "postgres sqlite", []string{"CREATE TABLE tracker (log_id TEXT, more TEXT NOT NULL)"}, []string{"must be filled"}},
		{"a bad statement", "postgres sqlite", []string{
			"CREATE TABLE tracker (log_id TEXT)", "INSERT INTO queries VALUES (1, 'QueryInsertLog', 'INSERT INTO tracker (log_it) VALUES ($1)')",
		}, []string{"QueryInsertLog", "queries"}},
		{"a statement without its table", "postgres sqlite", []string{
			"INSERT INTO queries VALUES (1, 'QueryInsertLog', 'INSERT INTO nowhere (log_id) VALUES ($1)')",
		}, []string{"QueryInsertLog", "queries"}},
		{"too many values", "postgres sqlite", []string{
			"CREATE TABLE tracker (log_id TEXT)", "INSERT INTO queries VALUES (1, 'QueryInsertLog', 'INSERT INTO tracker (log_id) VALUES ($17)')",
		}, []string{"$17", "16 values"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, e engine) {
				if !strings.Contains(tt.engines, strings.TrimSuffix(e.driver, "3")) {
					return
				}
				s := trackerOf(t, e, tt.statements...)
				for range 2 {
					wantFault(t, s.AppendTracker(t.Context(), []ports.TrackerRow{visited("run", 1)}), fault.QueryFailed, tt.texts...)
				}
			})
		})
	}
}

// TestTrackerStatement is a designer with a statement of its own, into a table of
// its own, with types of its own.
func TestTrackerStatement(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := trackerOf(t, e,
			"CREATE TABLE visits (run TEXT, took INTEGER, place INTEGER, body TEXT, at TEXT)",
			"CREATE TABLE tracker (id INTEGER, duration INTEGER)", // on SQLite, only this says that durations are numbers
			"INSERT INTO queries VALUES (1, 'QueryInsertLog', 'INSERT INTO visits (run, took, place, body, at) VALUES "+
				"($1 || $2 || $3 || $4 || $5 || $6 || $7, $8, $9, $10 || $11 || $12 || $13 || $14 || $15 || $16, ''$1'') ;"+"\n')")
		rows := []ports.TrackerRow{visited("a", 1), visited("b\x00", 2), visited("c", 3)}
		for i := range rows {
			rows[i].Host = "h"
		}
		if err := s.AppendTracker(t.Context(), rows); err != nil {
			t.Fatal(chain(err))
		}
		got := column(t, s.Writer(), "SELECT run || ' ' || took || ' ' || place || ' ' || body || ' ' || at FROM visits ORDER BY place")
		want := []string{
			`an1"box" 1500 1 {"a": 1}10.0.0.1unknownh $1`, "b\uFFFDn1\"box\" 1500 2 {\"a\": 1}10.0.0.1unknownh $1",
			`cn1"box" 1500 3 {"a": 1}10.0.0.1unknownh $1`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestTrackerTableChanges: a designer may alter its table while we run.
func TestTrackerTableChanges(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := trackerOf(t, e, "CREATE TABLE tracker (id INTEGER, log_id TEXT, box_id TEXT)")
		write := func() error { return s.AppendTracker(t.Context(), []ports.TrackerRow{visited("run", 1)}) }
		if err := write(); err != nil {
			t.Fatal(chain(err))
		}
		exec(t, s.Writer(), "ALTER TABLE tracker DROP COLUMN box_id")
		wantFault(t, write(), fault.QueryFailed, "tracker")
		if err := write(); err != nil {
			t.Error(chain(err))
		}
		exec(t, s.Writer(), "DROP TABLE tracker")
		wantFault(t, write(), fault.QueryFailed, "tracker")
		wantFault(t, write(), fault.QueryFailed, "no table tracker")
	})
}

// TestRefusedRowLeavesNone: the last of many rows is refused by the database.
func TestRefusedRowLeavesNone(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := trackerOf(t, e, "CREATE TABLE tracker (id INTEGER, log_id TEXT, payload TEXT CHECK (payload <> 'bad'))")
		rows := make([]ports.TrackerRow, 2500)
		rows[len(rows)-1].Payload = "bad"
		wantFault(t, s.AppendTracker(t.Context(), rows), fault.QueryFailed)
		if got := column(t, s.Writer(), "SELECT count(*) FROM tracker")[0]; got != "0" {
			t.Errorf("%s rows", got)
		}
		rows = rows[:len(rows)-1]
		want := make([]string, len(rows))
		for i := range rows {
			want[i] = fmt.Sprint(i)
			rows[i].LogID = want[i]
		}
		if err := s.AppendTracker(t.Context(), rows); err != nil {
			t.Error(chain(err))
		}
		inOrder := map[string]string{sqlstore.SQLite: "rowid", sqlstore.Postgres: "ctid"}[e.driver]
		if diff := cmp.Diff(want, column(t, s.Writer(), "SELECT log_id FROM tracker ORDER BY "+inOrder)); diff != "" {
			t.Error(diff)
		}
		exec(t, s.Writer(), "CREATE UNIQUE INDEX runs_once ON nf_runs (error_node)")
		runs := make([]ports.RunRecord, 250)
		for i := range runs {
			runs[i].ID, runs[i].ErrorNode = fmt.Sprint("r", i), fmt.Sprint(min(i, 248))
		}
		wantFault(t, s.AppendRuns(t.Context(), runs), fault.Conflict)
		if got := column(t, s.Writer(), "SELECT count(*) FROM nf_runs")[0]; got != "0" {
			t.Errorf("%s run records", got)
		}
	})
}

// TestPruneStrangeTimes deletes rows whose times others wrote.
func TestPruneStrangeTimes(t *testing.T) {
	times := map[string]map[string][]string{ // by engine and type of the column
		"sqlite": {"TEXT": {
			"'2001-01-01'", "'2001-01-01 00:00:00'", "'2001-01-01T00:00:00Z'", "'2001-01-01 00:00:00.5+02:00'",
			"'2001-01-01 00:00:00 +0000 UTC'", "978307200",
		}},
		"postgres": {
			"TEXT":        {"'2001-01-01'", "'2001-01-01 00:00:00'", "'2001-01-01T00:00:00Z'"},
			"TIMESTAMP":   {"'2001-01-01'"},
			"TIMESTAMPTZ": {"'2001-01-01'"},
			"DATE":        {"'2001-01-01'"},
			"BIGINT":      {"978307200"},
			"NUMERIC":     {"978307200.5"},
		},
	}
	young := strings.NewReplacer("2001", "2099", "978307200", "4070908800")
	onEachEngine(t, func(t *testing.T, e engine) {
		for kind, olds := range times[strings.TrimSuffix(e.driver, "3")] {
			s := trackerOf(t, e, "CREATE TABLE tracker (id INTEGER, created "+kind+")")
			exec(t, s.Writer(), "INSERT INTO tracker (id, created) VALUES (1, NULL)")
			for _, value := range olds {
				exec(t, s.Writer(), "INSERT INTO tracker (id, created) VALUES (2, "+value+"), (3, "+young.Replace(value)+")")
			}
			n, err := s.PruneTracker(t.Context(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0, 100)
			left := column(t, s.Writer(), "SELECT created FROM tracker WHERE id = 2")
			if n != len(olds) || err != nil || len(left) > 0 {
				t.Errorf("%s: deleted %d of %d, %v; left %v", kind, n, len(olds), chain(err), left)
			}
		}
	})
}

func TestPruneRefusals(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		now := time.Now()
		_, err := trackerOf(t, e, "CREATE TABLE tracker (id INTEGER, log_id TEXT)").PruneTracker(t.Context(), now, 0, 9)
		wantFault(t, err, fault.QueryFailed, "created", "tracker.max_age")
		_, err = trackerOf(t, e).PruneTracker(t.Context(), time.Time{}, 1, 9)
		wantFault(t, err, fault.QueryFailed, "tracker")
	})
}

func BenchmarkAppendTracker(b *testing.B) {
	for name, e := range benchEngines(b) {
		for _, batch := range []int{100, 1000} {
			b.Run(fmt.Sprint(name, "/", batch), func(b *testing.B) {
				rows := make([]ports.TrackerRow, batch)
				for i := range rows {
					rows[i] = visited("0192a3b4-run", i)
					rows[i].Payload = strings.Repeat(`{"key":"value"},`, 20)
				}
				b.ReportAllocs()
				for b.Loop() {
					if err := e.AppendTracker(b.Context(), rows); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*len(rows))/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
