package sqlstore

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

const pruneTracker = "delete old tracker rows"

// PruneTracker implements ports.TrackerStore. The oldest rows are those with the
// lowest id, or rowid on SQLite. A row without a time, or with one that is not
// understood, has no age. A designer's table has no index on created, so looking
// for old rows may read all of it; on SQLite that keeps no writer waiting. Code
// query_failed when the table lacks the columns that it takes.
func (s *Store) PruneTracker(ctx context.Context, before time.Time, keep, most int) (int, error) {
	if most <= 0 || before.IsZero() && keep <= 0 {
		return 0, nil
	}
	var columns []trackerColumn
	var hasID bool
	err := s.reading(ctx, pruneTracker, usual, func(ctx context.Context, q conn) (err error) {
		columns, hasID, err = s.describeTracker(ctx, q)
		return err
	})
	if err != nil {
		return 0, err
	}
	old := oldRows{before: before, keep: keep, most: most, id: "id"}
	if !before.IsZero() {
		if err := old.byAge(s.dialect, columns); err != nil {
			return 0, err
		}
	}
	var n int
	switch {
	case s.dialect == sqliteSQL:
		n, err = s.pruneSQLite(ctx, old)
	case !hasID:
		return 0, fault.New(fault.QueryFailed, "cannot %s: the table tracker has no number id that says which are oldest; "+
			"add one, or set tracker.keep and tracker.max_age to 0", pruneTracker)
	default:
		n, err = s.prunePostgres(ctx, old)
	}
	if f := fault.As(err); f != nil && (f.Code == fault.Internal || noTable(err)) {
		return 0, fault.Wrap(err, fault.QueryFailed, "cannot %s: the database refuses it; see that tracker is a plain table", pruneTracker)
	}
	return n, err
}

// oldRows says which rows are too many or too old, as a condition.
type oldRows struct {
	before     time.Time
	keep, most int
	id         string
	conditions []string
	values     []any
}

func (o *oldRows) add(condition string, value any) {
	o.values = append(o.values, value)
	o.conditions = append(o.conditions, strings.ReplaceAll(condition, "$?", "$"+digits(len(o.values))))
}

// byAge compares created in whatever type the designer gave it.
func (o *oldRows) byAge(d dialect, columns []trackerColumn) error {
	at := slices.IndexFunc(columns, func(c trackerColumn) bool { return c.place == createdColumn })
	if at < 0 {
		return fault.New(fault.QueryFailed, "cannot %s: the table tracker has no column created, so that nobody knows how old "+
			"a row is; add one, or set tracker.max_age to 0", pruneTracker)
	}
	c := columns[at]
	switch {
	case d == sqliteSQL: // any row may have any type; Go's spelling of a zone is more than SQLite reads
		o.add("COALESCE(unixepoch(created, 'auto', 'subsec'), unixepoch(substr(created, 1, 19))) < $?",
			float64(o.before.UnixMilli())/1000)
	case c.kind == kindTime:
		o.add("created < $?::text::"+c.cast, o.before.UTC().Format(time.RFC3339Nano))
	case c.kind == kindWhole || c.kind == kindDecimal:
		o.add("created < $?::bigint", o.before.Unix())
	case c.kind == kindText:
		o.add(`(created ~ '^\d{4}-\d\d-\d\d' AND replace(created::text, 'T', ' ') COLLATE "C" < $?)`, o.before.UTC().Format(trackerTime))
	default:
		return c.fits()
	}
	return nil
}

// byCount finds the newest of the rows that are too many.
func (o *oldRows) byCount() {
	if o.keep > 0 {
		o.add(o.id+" <= (SELECT "+o.id+" FROM tracker ORDER BY "+o.id+" DESC LIMIT 1 OFFSET $?)", int64(o.keep))
	}
}

func (o *oldRows) condition() string { return strings.Join(o.conditions, " OR ") }

// prunePostgres leaves rows to whoever deletes them at the same moment.
func (s *Store) prunePostgres(ctx context.Context, old oldRows) (n int, err error) {
	old.byCount()
	values := append(slices.Clone(old.values), int64(old.most))
	statement := "DELETE FROM tracker WHERE ctid = ANY(ARRAY(SELECT ctid FROM tracker WHERE " + old.condition() +
		" ORDER BY id LIMIT $" + digits(len(values)) + " FOR UPDATE SKIP LOCKED))"
	err = s.writing(ctx, pruneTracker, long, func(ctx context.Context, q conn) (err error) {
		n, err = q.exec(ctx, statement, values...)
		return err
	})
	return n, err
}

// pruneSQLite looks for the rows on a connection that only reads, as everybody
// who writes waits for the one that does.
func (s *Store) pruneSQLite(ctx context.Context, old oldRows) (n int, err error) {
	old.id = "rowid"
	old.byCount()
	var ids []int64
	values := append(slices.Clone(old.values), int64(old.most))
	err = s.reading(ctx, pruneTracker, long, func(ctx context.Context, q conn) error {
		return q.list(ctx, &ids, "SELECT rowid FROM tracker WHERE "+old.condition()+" ORDER BY rowid LIMIT $"+digits(len(values)), values...)
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, fault.Wrap(err, fault.Internal, "cannot %s", pruneTracker)
	}
	return s.exec(ctx, pruneTracker, "DELETE FROM tracker WHERE rowid IN (SELECT value FROM json_each($1))", string(list))
}
