package sqlstore

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/mattn/go-sqlite3" // the driver behind "sqlite3"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// engineWait is how long SQLite itself waits for a lock. It is deaf to contexts
// meanwhile, so the longer wait of Config.BusyTimeout is ours, in steps.
const engineWait = 100 * time.Millisecond

// stmtCache is how many statements each connection keeps prepared, in a list that
// the driver looks through: about as many as are used all the time.
const stmtCache = "32"

// openSQLite prepares one connection that writes and several that cannot. One
// writer queues in Go, where waiting ends with the context, instead of in
// SQLite, where it does not.
func openSQLite(c Config) (*Store, error) {
	path, params, err := splitSQLite(c.DSN)
	if err != nil {
		return nil, err
	}
	wait := min(engineWait, c.BusyTimeout)
	params.Set("_busy_timeout", strconv.FormatInt(wait.Milliseconds(), 10))
	params.Set("_synchronous", "FULL")
	params.Set("_foreign_keys", "1")
	params.Set("_txlock", "immediate")
	if c.PreparedStatements {
		params.Set("_stmt_cache_size", stmtCache)
	}
	if c.ReadOnly {
		params.Set("_query_only", "1")
		if _, err := os.Stat(fileName(path)); errors.Is(err, fs.ErrNotExist) {
			path = ":memory:"
		}
	} else {
		params.Set("_journal_mode", "WAL") // kept in the file
	}
	s := newStore(sqliteSQL, c, nil)
	if inMemory(path, params) { // each connection would be a database of its own
		if s.writer, err = sqlitePool(path, params, Config{MaxOpenConns: 1, MaxIdleConns: 1}); err != nil {
			return nil, err
		}
		s.reader = s.writer
		return s, nil
	}
	s.file = fileName(path)
	if err := createFile(path, params); err != nil {
		return nil, err
	}
	if !c.ReadOnly {
		shrinking(path, params)
	}
	// The writer stays open for good, so that Restore always sees who uses the file.
	if s.writer, err = sqlitePool(path, params, Config{MaxOpenConns: 1, MaxIdleConns: 1}); err != nil {
		return nil, err
	}
	params.Set("_query_only", "1")
	params.Set("_txlock", "deferred")
	c.MaxOpenConns = max(1, c.MaxOpenConns-1)
	s.reader, err = sqlitePool(path, params, c)
	return s, err
}

func sqlitePool(path string, params url.Values, c Config) (*sqlx.DB, error) {
	db, err := sqlx.Open(SQLite, path+"?"+params.Encode())
	if err != nil {
		return nil, fault.New(fault.Invalid, "the SQLite driver refuses the data source name").AtField("database_nflow.dsn")
	}
	db.SetMaxOpenConns(c.MaxOpenConns)
	db.SetMaxIdleConns(c.MaxIdleConns)
	db.SetConnMaxLifetime(c.ConnMaxLifetime)
	return db, nil
}

// splitSQLite splits "file?a=b". The short names of parameters we set go, as
// the driver would read them first.
func splitSQLite(dsn string) (path string, params url.Values, err error) {
	path, query, _ := strings.Cut(dsn, "?")
	params, err = url.ParseQuery(query)
	if err != nil || path == "" {
		return "", nil, fault.New(fault.Invalid, "it must be a file name, with ?name=value&... after it if need be").
			AtField("database_nflow.dsn")
	}
	for _, short := range []string{"_timeout", "_journal", "_sync", "_fk"} {
		params.Del(short)
	}
	return path, params, nil
}

func inMemory(path string, params url.Values) bool {
	return path == ":memory:" || path == "file::memory:" || params.Get("mode") == "memory" || params.Get("vfs") == "memdb"
}

// createFile makes a new database file that only its owner can read: it will
// hold sessions and the cookie key. It also turns SQLite's one message for
// every failure into useful ones.
func createFile(path string, params url.Values) error {
	if mode := params.Get("mode"); mode != "" && mode != "rwc" || params.Has("vfs") || params.Has("immutable") {
		return nil // SQLite is told not to create it
	}
	f, err := os.OpenFile(fileName(path), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	var advice string
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		advice = "its directory does not exist; create it"
	case errors.Is(err, fs.ErrPermission):
		advice = "its directory is closed to the user that runs nflow; give that user write permission"
	default:
		advice = "see that its directory is there and writable"
	}
	var place *fs.PathError
	if errors.As(err, &place) {
		err = place.Err // the path is the data source name
	}
	return fault.Wrap(err, fault.Unavailable, "cannot create the database file: %s", advice).AtField("database_nflow.dsn")
}

// fileName is the file a name or a file: URI means.
func fileName(path string) string {
	uri, isURI := strings.CutPrefix(path, "file:")
	if !isURI {
		return path
	}
	if rest, ok := strings.CutPrefix(uri, "//"); ok { // //host/path: the host is empty or localhost
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			uri = rest[slash:]
		}
	}
	if name, err := url.PathUnescape(uri); err == nil {
		return name
	}
	return uri
}
