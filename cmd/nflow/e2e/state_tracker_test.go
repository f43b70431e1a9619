//go:build linux

package e2e

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// trackedFlow is a login of two scripts.
const trackedFlow = `{
	"start": {"data": {"type": "httpstart", "method": "GET", "path": "/enter/:name"}, "outputs": {"output": {"connections": [{"node": "login"}]}}},
	"login": {"data": {"type": "js", "name_box": "Log in", "script": "set_profile({username: vars.name}); payload.in = true; return payload;"},
		"outputs": {"output_1": {"connections": [{"node": "greet"}]}}},
	"greet": {"data": {"type": "js", "name_box": "Greet", "script": "return {hello: get_profile().username};"}}}`

// trackedNodes is how many nodes one run of trackedFlow visits.
const trackedNodes = 3

// trackedRow are the columns of the designer's tracker, but the time.
type trackedRow struct {
	LogID, BoxID, BoxName, BoxType, URL, Username, Next, Duration string
	Order                                                         int
	Payload, IP, RealIP, UserAgent, Query, Hostname, Host         string
}

func trackedRows(t *testing.T, db *sql.DB, run string) []trackedRow {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT log_id, box_id, box_name, box_type, url, username, connection_next, duration, order_box,
		payload, ip, real_ip, user_agent, query_param, hostname, host FROM tracker WHERE log_id = $1 ORDER BY order_box`, run)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []trackedRow
	for rows.Next() {
		var r trackedRow
		if err := rows.Scan(&r.LogID, &r.BoxID, &r.BoxName, &r.BoxType, &r.URL, &r.Username, &r.Next, &r.Duration, &r.Order,
			&r.Payload, &r.IP, &r.RealIP, &r.UserAgent, &r.Query, &r.Hostname, &r.Host); err != nil {
			t.Fatal(err)
		}
		found = append(found, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func countRows(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// trackedPlaces are databases with a tracker: ours, one of the designer, and one of
// the designer that brings its own statement.
var trackedPlaces = []struct {
	name, driver string
	prepare      func(*testing.T, *sql.DB)
	mark         string // what the statement adds to the name of a box
}{
	{"sqlite", "sqlite3", nil, ""},
	{"designer on sqlite", "sqlite3", func(t *testing.T, db *sql.DB) { designerFixture{folder: "testdata/designer"}.build(t, db) }, ""},
	{"designer's own statement", "sqlite3", func(t *testing.T, db *sql.DB) {
		designerFixture{folder: "testdata/designer"}.build(t, db)
		execSQL(t, db, "INSERT INTO queries (id, name, query) VALUES (9, 'QueryInsertLog', $1)",
			`INSERT INTO tracker (log_id, box_id, box_name, box_type, url, username, connection_next, duration, order_box, payload, ip, real_ip,
				user_agent, query_param, hostname, host) VALUES ($1, $2, 'own ' || $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`)
	}, "own "},
	{"postgres", "postgres", nil, ""},
}

// TestStateTrackerRows checks every column of the rows of a login, against what the
// request was and what the record of the run says.
func TestStateTrackerRows(t *testing.T) {
	for _, place := range trackedPlaces {
		t.Run(place.name, func(t *testing.T) {
			dsn := filepath.Join(t.TempDir(), "tracked.sqlite")
			if place.driver == "postgres" {
				dsn = pgtest.DSN(t)
			}
			db := openSQL(t, place.driver, dsn)
			if place.prepare != nil {
				place.prepare(t, db)
			}
			p := serve(t, t.TempDir(), onDatabase(dsn).with("tracker", "enabled = true").with("server", `trusted_proxies = ["127.0.0.1"]`).text())
			p.admin(http.MethodPut, "/api/admin/workflows/enter", trackedFlow).want(http.StatusCreated, "")
			r := request(t, http.MethodGet, p.base+"/enter/ana?from=here&x=1", nil)
			r.Header.Set("User-Agent", "tracker's test")
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
			answer := newBrowser(t, p.base).do(r).want(http.StatusOK, `{"hello":"ana"}`)
			run := answer.header.Get("Nflow-Wid-1")

			var rows []trackedRow
			until(t, "the rows are written", func() bool { rows = trackedRows(t, db, run); return len(rows) >= trackedNodes })
			hostname, err := os.Hostname()
			if err != nil {
				t.Fatal(err)
			}
			nodes := []string{"start", "login", "greet", ""}
			names := []string{"", "Log in", "Greet"}
			for n, row := range rows {
				if took, err := strconv.ParseFloat(strings.TrimRight(row.Duration, "nµmsh"), 64); err != nil || took < 0 {
					t.Errorf("duration %q", row.Duration)
				}
				want := trackedRow{
					LogID: run, BoxID: nodes[n], BoxName: place.mark + names[n], BoxType: []string{"httpstart", "js", "js"}[n],
					URL: "/enter/ana", Username: []string{"", "ana", "ana"}[n], Next: nodes[n+1], Duration: row.Duration, Order: n + 1,
					Payload: []string{`{"from":"here","x":"1","name":"ana"}`, `{"from":"here","x":"1","name":"ana","in":true}`, `{"hello":"ana"}`}[n],
					IP:      "127.0.0.1", RealIP: "203.0.113.9", UserAgent: "tracker's test", Query: "from=here&x=1",
					Hostname: hostname, Host: strings.TrimPrefix(p.base, "http://"),
				}
				if !sameJSON(row.Payload, want.Payload) {
					t.Errorf("row %d has the payload %s, want %s", n, row.Payload, want.Payload)
				}
				row.Payload = want.Payload
				if row != want {
					t.Errorf("row %d is\n%+v, want\n%+v", n, row, want)
				}
			}
			if len(rows) != trackedNodes {
				t.Errorf("%d rows, want %d", len(rows), trackedNodes)
			}
			end(t, p)
		})
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	one, _ := json.Marshal(x) // what was decoded can be encoded
	two, _ := json.Marshal(y)
	return string(one) == string(two)
}
