package sqlstore

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const storeTracker = "store tracker rows"

// trackerPlan is how rows get into the table.
type trackerPlan struct {
	columns []trackerColumn
	text    string   // the designer's for one row, or ours for many on PostgreSQL
	many    []string // for each of manyRows on SQLite
	own     bool     // text is the designer's QueryInsertLog, for one row
}

// trackerTable keeps the plan until a write fails: then the table may have changed.
type trackerTable struct {
	mu   sync.Mutex
	plan *trackerPlan
}

func (t *trackerTable) set(p *trackerPlan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plan = p
}

func (t *trackerTable) get() *trackerPlan {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.plan
}

// AppendTracker implements ports.TrackerStore: through the designer's statement
// QueryInsertLog, row by row, when the database brings one, which may go to any
// table; else into the table tracker, many rows at a time, into those columns that
// it has. Texts the database cannot keep are mended. A duration becomes
// milliseconds, as a number or as a text such as 12m, a time in a text UTC. Code
// query_failed when there is no table, or a column cannot take its value.
func (s *Store) AppendTracker(ctx context.Context, rows []ports.TrackerRow) error {
	if len(rows) == 0 {
		return nil
	}
	known := s.tracker.get()
	plan := known
	err := s.writing(ctx, storeTracker, usual, func(ctx context.Context, q conn) (err error) {
		if plan = known; plan == nil {
			if plan, err = s.planTracker(ctx, q); err != nil {
				return err
			}
		}
		return plan.write(ctx, s.dialect, q, rows)
	})
	if err != nil {
		s.tracker.set(nil)
		return plan.explain(err)
	}
	s.tracker.set(plan)
	return nil
}

func (p *trackerPlan) write(ctx context.Context, d dialect, q conn, rows []ports.TrackerRow) error {
	switch {
	case p.own:
		return p.writeOwn(ctx, q, rows)
	case d == postgresSQL:
		return p.writeArrays(ctx, q, rows)
	}
	return p.writeRows(ctx, q, rows)
}

// writeOwn runs the designer's statement for each row.
func (p *trackerPlan) writeOwn(ctx context.Context, q conn, rows []ports.TrackerRow) error {
	st, err := q.on.(sqlx.PreparerContext).PrepareContext(ctx, p.text)
	if err != nil {
		return err
	}
	defer st.Close() //nolint:errcheck // it ends with the transaction
	values := make([]any, len(p.columns))
	for i := range rows {
		if _, err := st.ExecContext(ctx, p.values(values[:0], &rows[i])...); err != nil {
			return err
		}
	}
	return nil
}

// values are those of one row, appended.
func (p *trackerPlan) values(to []any, r *ports.TrackerRow) []any {
	texts := trackerTexts(r)
	for _, c := range p.columns {
		to = append(to, c.cell(r, &texts))
	}
	return to
}

// manyRows is how many rows the statements of SQLite take: few statements, so that
// all stay prepared, and large ones, as the driver starts a goroutine for each. 17
// columns of 100 are far from the 32,766 values that it could.
func manyRows() []int { return []int{100, 10, 1} }

// writeRows takes the largest statement that the rows left fill.
func (p *trackerPlan) writeRows(ctx context.Context, q conn, rows []ports.TrackerRow) error {
	values := make([]any, 0, min(len(rows), manyRows()[0])*len(p.columns))
	for i, n := range manyRows() {
		for ; len(rows) >= n; rows = rows[n:] {
			values = values[:0]
			for r := range rows[:n] {
				values = p.values(values, &rows[r])
			}
			if _, err := q.exec(ctx, p.many[i], values...); err != nil {
				return err
			}
		}
	}
	return nil
}

// The bounds of one statement of PostgreSQL, which takes an array for each column
// and so never more than 17 values.
const (
	mostRows      = 1000
	mostRowsBytes = 8 << 20
)

// writeArrays sends columns instead of rows: one statement serves any number of
// rows, and almost nothing is allocated for each.
func (p *trackerPlan) writeArrays(ctx context.Context, q conn, rows []ports.TrackerRow) error {
	for len(rows) > 0 {
		n, size := 0, 0
		for ; n < len(rows) && n < mostRows && size < mostRowsBytes; n++ {
			size += len(rows[n].Payload)
		}
		if _, err := q.exec(ctx, p.text, p.arrays(rows[:n], size)...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// arrays are the columns of some rows whose payloads have so many bytes.
func (p *trackerPlan) arrays(rows []ports.TrackerRow, payloads int) []any {
	arrays := make([][]byte, len(p.columns))
	for i, c := range p.columns {
		room := 16 * len(rows)
		if c.place == payloadColumn {
			room += payloads + payloads/4 // JSON is full of quotes
		}
		arrays[i] = append(make([]byte, 0, room), '{')
	}
	var cell []byte
	for r := range rows {
		texts := trackerTexts(&rows[r])
		for i, c := range p.columns {
			cell = c.appendCell(cell[:0], &rows[r], &texts)
			arrays[i] = appendElement(arrays[i], cell)
		}
	}
	values := make([]any, len(arrays))
	for i, a := range arrays {
		a[len(a)-1] = '}' // the last comma
		values[i] = a
	}
	return values
}

// explain says which columns a refused row may be too strange for.
func (p *trackerPlan) explain(err error) error {
	f := fault.As(err)
	state := sqlState(err)
	refused := f.Code == fault.Internal || f.Code == fault.Conflict || f.Code == fault.TooLarge || noTable(err)
	if p == nil || !refused && !strings.HasPrefix(state, "22") && !strings.HasPrefix(state, "23") {
		return err
	}
	if p.own {
		return fault.Wrap(errors.Unwrap(err), fault.QueryFailed, "cannot %s: the database refuses them; "+
			"see the statement %s in the table queries, which takes $1 to $%d", storeTracker, insertLog, logValues)
	}
	var typed []string
	for _, c := range p.columns {
		if c.kind != kindText {
			typed = append(typed, c.name+" "+strings.ToLower(c.cast))
		}
	}
	return fault.Wrap(errors.Unwrap(err), fault.QueryFailed, "cannot %s: the table tracker refuses them; see the columns that are "+
		"no texts (%s) and those that must be filled; or set tracker.enabled to false", storeTracker, strings.Join(typed, ", "))
}
