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

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/node"
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
		postgresServer(ctx, c, f)
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

func present(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// reason is an error of the system without the path, which is said already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
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
