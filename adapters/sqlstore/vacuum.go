package sqlstore

import (
	"context"
	"database/sql"
	"maps"
	"net/url"
	"os"

	"github.com/jmoiron/sqlx"
)

// shrinking lets a SQLite file that holds nothing yet give space back later, as
// Vacuum asks. SQLite only listens before the first table is made. What goes
// wrong here goes wrong again, and is told, when the file is needed.
func shrinking(path string, params url.Values) {
	info, err := os.Stat(fileName(path))
	if err != nil || info.Size() > 0 {
		return
	}
	params = maps.Clone(params)
	params.Set("_auto_vacuum", "incremental")
	db, err := sql.Open(SQLite, path+"?"+params.Encode())
	if err != nil {
		return
	}
	defer db.Close() //nolint:errcheck // the pools that follow say what is wrong
	_ = db.Ping()    //nolint:noctx // it is enough that a connection opens: its journal mode is written with the rest
}

// vacuumStep is how many pages are freed in one transaction: others write in
// between.
const vacuumStep = 256

// Vacuum gives up to so many unused pages of a SQLite file back to the system.
// It does nothing on PostgreSQL, which has a vacuum of its own, and on a file
// that was made without incremental vacuum; see Condition.
func (s *Store) Vacuum(ctx context.Context, pages int) error {
	const op = "give unused space back"
	if s.dialect != sqliteSQL {
		return nil
	}
	c, err := s.Condition(ctx)
	if err != nil || !c.Shrinks {
		return err
	}
	for left := min(pages, c.FreePages); left > 0; left -= vacuumStep {
		freed := 0
		err := s.retry(ctx, func() (err error) {
			freed, err = freePages(ctx, s.writer, min(left, vacuumStep))
			return err
		})
		if err != nil || freed == 0 {
			return s.fault(ctx, op, err)
		}
	}
	return nil
}

// freePages frees pages in one transaction. The statement gives a row for each
// of them and ends when they have been read.
func freePages(ctx context.Context, db *sqlx.DB, most int) (freed int, err error) {
	// A pragma takes no parameter.
	rows, err := db.QueryContext(ctx, "PRAGMA incremental_vacuum("+digits(most)+")")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		freed++
	}
	return freed, rows.Err()
}
