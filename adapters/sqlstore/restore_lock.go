package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// seizure is the database while it is replaced: nobody else can read or write it.
type seizure struct {
	*link
	fresh bool // there was none
}

// lockPatience is how long commands that end by themselves may be in the way.
const lockPatience = time.Second

// lockWhole takes the database from everybody, or finds out that somebody uses
// it. Every connection to a file in WAL mode holds a lock on it for as long as it
// is open, working or not, and a serving nflow keeps one open; leaving that mode
// needs to be alone. It also folds the file beside the database into it.
func lockWhole(ctx context.Context, c Config, database string) (*seizure, error) {
	path, params, err := splitSQLite(c.DSN)
	if err != nil {
		return nil, err
	}
	l := &seizure{}
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		l.fresh = true
		if err := createFile(path, params); err != nil {
			return nil, err
		}
	}
	ours(params, lockPatience)
	params.Set("_synchronous", "EXTRA")
	if l.link, err = openLink(ctx, path, params); err != nil {
		l.abandon(database)
		return nil, l.refused(ctx, database, err)
	}
	for _, statement := range []string{
		"PRAGMA locking_mode = EXCLUSIVE", // from now on, what is locked stays locked
		"PRAGMA journal_mode = DELETE",
		"BEGIN EXCLUSIVE", "COMMIT",
	} {
		if _, err = l.conn.ExecContext(ctx, statement); err != nil {
			break
		}
	}
	if err != nil {
		l.close()
		l.abandon(database)
		return nil, l.refused(ctx, database, err)
	}
	return l, nil
}

func (l *seizure) refused(ctx context.Context, database string, err error) error {
	switch {
	case isBusy(err):
		return fault.Wrap(err, fault.Conflict, "%s is in use%s; stop every nflow that serves it and whatever else has it open, and try again",
			database, holder(database))
	case unreadable(err):
		return fault.Wrap(err, fault.Internal, "%s is damaged so badly that it cannot be locked, so nobody can tell whether it is in use; "+
			"see that nothing uses it, move it away together with the files %s, and try again",
			database, strings.Join([]string{database + "-wal", database + "-shm", database + "-journal"}, ", "))
	}
	return (&Store{}).fault(ctx, "lock the database", err)
}

// giveUp leaves things as they were: the transaction was undone.
func (l *seizure) giveUp(kept, database string) {
	l.close()
	if kept != "" {
		_ = os.Remove(kept) // it is what the database still is
	}
	l.abandon(database)
}

// abandon removes a file that this restoration made.
func (l *seizure) abandon(database string) {
	if l.fresh {
		_ = os.Remove(database)
	}
}

// verify looks at what is on disk now.
func (l *seizure) verify(ctx context.Context, kept string) error {
	damage, err := damageOf(ctx, l.conn, false)
	if err != nil {
		return l.fault(ctx, "check the restored database", err)
	}
	if len(damage) == 0 {
		return nil
	}
	where := ""
	if kept != "" {
		where = fmt.Sprintf("; the database as it was is in %s", kept)
	}
	return fault.New(fault.Internal, "the restored database is damaged (%s) although the backup is not: the disk may be failing%s", strings.Join(damage, "; "), where)
}

// unreadable says whether a file is none of SQLite's, or damaged.
func unreadable(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrNotADB || e.Code == sqlite3.ErrCorrupt)
}
