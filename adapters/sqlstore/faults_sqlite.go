package sqlstore

import (
	"errors"
	"strings"

	"github.com/mattn/go-sqlite3"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// isBusy says whether another process holds the SQLite file.
func isBusy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

// isReadOnly says whether a connection or file of SQLite refuses to be written.
func isReadOnly(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrReadonly
}

// noTable says whether a statement names a table that is not there.
func noTable(err error) bool {
	var e sqlite3.Error
	if errors.As(err, &e) { // SQLite has no code for it
		return e.Code == sqlite3.ErrError && strings.HasPrefix(e.Error(), "no such table")
	}
	return sqlState(err) == "42P01"
}

func diagnoseSQLite(err error) (ailment, bool) {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return ailment{}, false
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return ailment{fault.Unavailable, "another process has locked the database file for longer than " +
			"database_nflow.busy_timeout; end it, or allow more", 1}, true
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrAuth:
		return ailment{fault.Unavailable, "the database file is read-only; give the user that runs nflow write " +
			"permission on the file and its directory", 0}, true
	case sqlite3.ErrCantOpen:
		return ailment{fault.Unavailable, "the database file cannot be opened; see that its directory exists and that " +
			"the user that runs nflow may read and write there", 0}, true
	case sqlite3.ErrFull:
		return ailment{fault.Unavailable, "the disk is full; free some space", 0}, true
	case sqlite3.ErrIoErr:
		return ailment{fault.Unavailable, "the disk failed to read or write; see the system log", 0}, true
	case sqlite3.ErrNotADB, sqlite3.ErrCorrupt:
		return ailment{fault.Internal, "the file is not a SQLite database or is damaged; restore a backup", 0}, true
	case sqlite3.ErrTooBig:
		return ailment{fault.TooLarge, "the content is larger than SQLite can keep", 0}, true
	case sqlite3.ErrConstraint:
		if e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey {
			return ailment{fault.Conflict, "it is already there", 0}, true
		}
	}
	if noTable(err) {
		return tablesMissing(), true
	}
	return ailment{fault.Internal, "SQLite gave an unexpected error", 0}, true
}

func tablesMissing() ailment {
	return ailment{fault.Unavailable, "a table is missing; run nflow migrate", 0}
}
