package sqlstore

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// link is one connection to a SQLite file, which stays the same one.
type link struct {
	db   *sqlx.DB
	conn *sqlx.Conn
}

// openLink connects; the file must be there.
func openLink(ctx context.Context, path string, params url.Values) (*link, error) {
	db, err := sqlx.Open(SQLite, path+"?"+params.Encode())
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the SQLite driver refuses the file name")
	}
	l := &link{db: db}
	if l.conn, err = db.Connx(ctx); err != nil {
		l.close()
		return nil, l.fault(ctx, "open the database file", err)
	}
	return l, nil
}

// openSource connects to the configured database and changes nothing in it.
func openSource(ctx context.Context, c Config) (*link, error) {
	path, params, err := splitSQLite(c.DSN)
	if err != nil {
		return nil, err
	}
	ours(params, c.BusyTimeout)
	params.Set("_query_only", "1")
	return openLink(ctx, path, params)
}

// ours are the parameters of a connection that decides by itself how it reads,
// writes and locks.
func ours(params url.Values, wait time.Duration) {
	for _, name := range []string{"_journal_mode", "_locking_mode", "_locking", "_query_only", "_txlock", "_synchronous", "_auto_vacuum", "_vacuum"} {
		params.Del(name)
	}
	params.Set("_busy_timeout", digits(int(wait.Milliseconds())))
}

// uriOf is a file: URI of any file name.
func uriOf(name string) string {
	if full, err := filepath.Abs(name); err == nil {
		name = full
	}
	return "file://" + (&url.URL{Path: filepath.ToSlash(name)}).EscapedPath()
}

// close may be called more than once.
func (l *link) close() {
	if l.conn != nil {
		_ = l.conn.Close() // what matters was committed
	}
	_ = l.db.Close()
}

func (l *link) fault(ctx context.Context, op string, err error) error {
	return (&Store{}).fault(ctx, op, err)
}

func (l *link) exec(ctx context.Context, statement string) error {
	_, err := l.conn.ExecContext(ctx, statement)
	return l.fault(ctx, "prepare the database file", err)
}

// holdStill keeps what this connection reads as it is now, whatever others
// write, until the connection is closed. In WAL mode they need not wait.
func (l *link) holdStill(ctx context.Context) error {
	const op = "read the database file"
	if _, err := l.conn.ExecContext(ctx, "BEGIN DEFERRED"); err != nil {
		return l.fault(ctx, op, err)
	}
	var n int
	return l.fault(ctx, op, l.conn.GetContext(ctx, &n, "SELECT count(*) FROM sqlite_schema"))
}

const (
	pagesAtOnce = 512                              // then look whether to go on
	lockPause   = 5 * time.Millisecond             // when a step found the file locked
	lockPauses  = int(5 * time.Second / lockPause) // give up after so many
)

// copyPages copies one whole database into another: the target is the old or
// the new one, whatever happens. A source that holds still is copied once;
// otherwise every write of somebody else would make it begin anew.
func copyPages(ctx context.Context, target, source *link, progress func(done, total int)) (Copied, error) {
	var copied Copied
	err := source.conn.Raw(func(from any) error {
		return target.conn.Raw(func(to any) error {
			backup, err := to.(*sqlite3.SQLiteConn).Backup("main", from.(*sqlite3.SQLiteConn), "main")
			if err != nil {
				return err
			}
			err = steps(ctx, backup, progress)
			copied.Pages = backup.PageCount()
			return errors.Join(err, finish(backup, err))
		})
	})
	if err != nil {
		return Copied{}, target.fault(ctx, "copy the database", err)
	}
	var size int64
	ctx = context.WithoutCancel(ctx) // it is done, whoever is gone
	err = target.conn.GetContext(ctx, &size, "PRAGMA page_size")
	copied.Bytes = size * int64(copied.Pages)
	return copied, target.fault(ctx, "copy the database", err)
}

// finish ends a backup; what ended its steps is not told twice.
func finish(b *sqlite3.SQLiteBackup, failed error) error {
	err := b.Close()
	if failed != nil {
		return nil
	}
	return plain(err)
}

func steps(ctx context.Context, b *sqlite3.SQLiteBackup, progress func(done, total int)) error {
	left, locked := -1, 0
	for {
		done, err := b.Step(pagesAtOnce)
		if err != nil {
			return plain(err)
		}
		if progress != nil {
			progress(b.PageCount()-b.Remaining(), b.PageCount())
		}
		if done {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if now := b.Remaining(); now != left {
			left, locked = now, 0
			continue
		}
		if locked++; locked > lockPauses {
			return sqlite3.Error{Code: sqlite3.ErrBusy}
		}
		time.Sleep(lockPause)
	}
}

// plain makes the code of a backup's error one of the basic ones, which is all
// that the rest of this package looks at.
func plain(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	const basic = 0xff
	return sqlite3.Error{Code: e.Code & basic, ExtendedCode: sqlite3.ErrNoExtended(e.Code)}
}
