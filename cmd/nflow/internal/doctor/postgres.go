package doctor

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/database"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// maxSkew is how far two clocks may be apart: sessions and tokens expire by ours.
const maxSkew = 2 * time.Second

// oldestPostgres is the first version that has all we use, as server_version_num.
const oldestPostgres = 120_000

// server is what a PostgreSQL server says of itself and of our connection.
type server struct {
	Now      int64  `json:"now"` // Unix milliseconds
	Replica  bool   `json:"replica"`
	ReadOnly string `json:"read_only"`
	Version  string `json:"version"`
	Number   int    `json:"number"`
	TLS      string `json:"tls"`    // version; empty = none
	Far      bool   `json:"far"`    // on another machine
	Most     int    `json:"most"`   // connections of ordinary users
	InUse    int    `json:"in_use"` // of them, ours not counted
	Timeout  int64  `json:"timeout"`
}

const askServer = `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, pg_is_in_recovery() AS replica,
	current_setting('default_transaction_read_only') AS read_only, current_setting('server_version') AS version,
	current_setting('server_version_num')::int AS number,
	COALESCE((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()), '') AS tls,
	COALESCE(inet_server_addr() <> inet_client_addr() AND NOT inet_client_addr() <<= '127.0.0.0/8', false) AS far,
	current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most,
	(SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid())::int AS in_use,
	(SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout') AS timeout`

// postgresServer looks at what only a server can get wrong.
func postgresServer(ctx context.Context, c config.Store, f *Findings) {
	const check, name = "database server", "store"
	target := database.Target{Driver: postgres, DSN: c.DSN.Reveal(), MaxOpenConns: 1}
	d, err := database.New(map[string]database.Target{name: target}, database.Config{})
	if err != nil {
		return // the database's own check said so
	}
	defer d.Close() //nolint:errcheck // nothing was written
	before := time.Now()
	result, err := d.Query(ctx, node.QueryRequest{Database: name, Statements: []node.Statement{{Query: askServer, Mode: node.Row}}})
	here := before.Add(time.Since(before) / 2)
	var v server
	if err == nil {
		err = result.Values[0].Decode(&v)
	}
	if err != nil {
		f.fail(check, "see database_nflow.dsn", "%s", err)
		return
	}
	skew := time.UnixMilli(v.Now).Sub(here).Abs().Round(time.Millisecond)
	switch {
	case v.Number < oldestPostgres:
		f.fail(check, "upgrade it to 12 or later", "PostgreSQL %s is too old", v.Version)
	case v.Replica || v.ReadOnly == "on":
		f.fail(check, "point database_nflow.dsn at the primary", "PostgreSQL %s takes no writes", v.Version)
	case skew > maxSkew:
		f.warn(check, "run a time service on both machines", "PostgreSQL %s; its clock is %s away from ours", v.Version, skew)
	default:
		f.ok(check, "PostgreSQL %s takes writes; clocks %s apart", v.Version, skew)
	}
	v.encryption(f)
	v.room(c, f)
	v.timeout(c, f)
}

func (v server) encryption(f *Findings) {
	const check = "database TLS"
	switch {
	case v.TLS != "":
		f.ok(check, "%s", v.TLS)
	case v.Far:
		f.warn(check, "add sslmode=verify-full to database_nflow.dsn", "the connection to another machine is not encrypted")
	default:
		f.ok(check, "none; the server is on this machine")
	}
}

// room compares what one nflow may open with what the server has.
func (v server) room(c config.Store, f *Findings) {
	const check, listening = "database room", 1 // the connection that hears of changes
	need := c.MaxOpenConns + listening
	if v.InUse+need > v.Most {
		f.warn(check, "lower database_nflow.max_open_conns of each instance, or raise max_connections of the server",
			"it takes %d connections, of which %d are in use, perhaps by other instances; this one may open %d", v.Most, v.InUse, need)
		return
	}
	f.ok(check, "it takes %d connections, of which %d are in use; this instance may open %d", v.Most, v.InUse, need)
}

func (v server) timeout(c config.Store, f *Findings) {
	const check = "database timeout"
	theirs := time.Duration(v.Timeout) * time.Millisecond
	if theirs > 0 && theirs < c.StatementTimeout {
		f.warn(check, "raise statement_timeout of the server or of its user, or lower database_nflow.statement_timeout",
			"the server ends statements after %s, before database_nflow.statement_timeout (%s)", theirs, c.StatementTimeout)
		return
	}
	f.ok(check, "statements may take %s (database_nflow.statement_timeout)", c.StatementTimeout)
}
