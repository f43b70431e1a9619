package sqlstore_test

import (
	"database/sql"
	"testing"
	"time"

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
