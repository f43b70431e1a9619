package doctor

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/database"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const (
	sqlite   = "sqlite3"
	postgres = "postgres"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// store looks at nFlow's own database.
func store(ctx context.Context, p Patient, f *Findings) {
	const check = "database"
	c := p.Config.Store
	if c.Driver == wire.Memory {
		f.warn(check, "set database_nflow.driver to keep anything", "in memory: everything is forgotten at exit")
		return
	}
	if c.Driver == sqlite && !existing(check, c.DSN.Reveal(), f) {
		return
	}
	s, err := wire.OpenUnmigrated(ctx, c, true)
	if err != nil {
		f.fail(check, "see database_nflow.dsn", "%s", err)
		return
	}
	defer s.Close() //nolint:errcheck // nothing was written
	pending, err := s.Pending(ctx)
	switch {
	case err != nil:
		f.fail(check, "see database_nflow.dsn", "%s", err)
	case len(pending) > 0:
		f.warn(check, "serve brings it up to date, or nflow migrate", "reachable; the schema lacks %s", strings.Join(pending, ", "))
	default:
		f.ok(check, "reachable, schema up to date")
	}
	if c.Driver == postgres {
		postgresServer(ctx, c.DSN.Reveal(), f)
	}
}

// sqlitePath is the file of a data source name; empty for one in memory.
func sqlitePath(dsn string) string {
	path, params, _ := strings.Cut(dsn, "?")
	path = strings.TrimPrefix(path, "file:")
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.Contains(params, "mode=memory") {
		return ""
	}
	return path
}

// existing reports whether there is a SQLite file to look at, and what its place
// lets us do.
func existing(check, dsn string, f *Findings) bool {
	path := sqlitePath(dsn)
	if path == "" {
		f.warn(check, "name a file", "SQLite in memory: everything is forgotten at exit")
		return false
	}
	if err := writable(filepath.Dir(path)); err != nil {
		f.fail(check, "give the user that runs nflow write permission there", "the directory of %s: %s", path, reason(err))
		return false
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.warn(check, "it is made when it is first used", "%s does not exist", path)
		return false
	case err != nil:
		f.fail(check, "give the user that runs nflow read and write permission", "%s: %s", path, reason(err))
		return false
	}
	_ = file.Close() // nothing was written
	return true
}

// reason is an error of the system without the path, which is said already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// maxSkew is how far two clocks may be apart: sessions and tokens expire by ours.
const maxSkew = 2 * time.Second

// postgresServer looks at what only a server can get wrong.
func postgresServer(ctx context.Context, dsn string, f *Findings) {
	const check = "database server"
	d, err := database.New(map[string]database.Target{"store": {Driver: postgres, DSN: dsn, MaxOpenConns: 1}}, database.Config{})
	if err != nil {
		return // the database's own check said so
	}
	defer d.Close() //nolint:errcheck // nothing was written
	before := time.Now()
	v, err := row(ctx, d, "store", `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, pg_is_in_recovery() AS replica,
		current_setting('default_transaction_read_only') AS read_only, current_setting('server_version') AS version`)
	if err != nil {
		f.fail(check, "see database_nflow.dsn", "%s", err)
		return
	}
	here := before.Add(time.Since(before) / 2)
	skew := time.UnixMilli(v.now).Sub(here).Abs().Round(time.Millisecond)
	switch {
	case v.replica || v.readOnly == "on":
		f.fail(check, "point database_nflow.dsn at the primary", "PostgreSQL %s takes no writes", v.version)
	case skew > maxSkew:
		f.warn(check, "run a time service on both machines", "PostgreSQL %s; its clock is %s away from ours", v.version, skew)
	default:
		f.ok(check, "PostgreSQL %s takes writes; clocks %s apart", v.version, skew)
	}
}

type serverRow struct {
	now               int64
	replica           bool
	readOnly, version string
}

func row(ctx context.Context, d ports.Databases, name, query string) (serverRow, error) {
	result, err := d.Query(ctx, node.QueryRequest{Database: name, Statements: []node.Statement{{Query: query, Mode: node.Row}}})
	if err != nil {
		return serverRow{}, err
	}
	var out struct {
		Now      int64  `json:"now"`
		Replica  bool   `json:"replica"`
		ReadOnly string `json:"read_only"`
		Version  string `json:"version"`
	}
	err = result.Values[0].Decode(&out)
	return serverRow{out.Now, out.Replica, out.ReadOnly, out.Version}, err
}

// targets looks at the databases of db nodes.
func targets(ctx context.Context, p Patient, f *Findings) {
	for _, name := range sortedKeys(p.Config.Databases) {
		check, c := "database "+name, p.Config.Databases[name]
		if c.Driver == sqlite && !existing(check, c.DSN.Reveal(), f) {
			continue
		}
		if p.Databases == nil {
			continue // no runtime: the engine's check says why
		}
		_, err := p.Databases.Query(ctx, node.QueryRequest{Database: name, Statements: []node.Statement{{Query: "SELECT 1 AS one", Mode: node.Row}}})
		if err != nil {
			f.fail(check, "see databases."+name+".dsn", "%s", err)
			continue
		}
		f.ok(check, "reachable (%s)", c.Driver)
	}
}
