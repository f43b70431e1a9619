package sqlstore

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// runsPerInsert keeps a statement under the 32,766 values SQLite takes.
const runsPerInsert = 100

// AppendRuns implements ports.RunStore, many rows to a statement and all
// statements in one transaction.
func (s *Store) AppendRuns(ctx context.Context, records []ports.RunRecord) error {
	if len(records) == 0 {
		return nil
	}
	const op = "store the run records"
	rows, err := runRows(op, records)
	if err != nil {
		return err
	}
	return s.writing(ctx, op, usual, func(ctx context.Context, q conn) error {
		for chunk := range slices.Chunk(rows, runsPerInsert) {
			text, values := insertRuns(chunk)
			if _, err := q.execOnce(ctx, text, values...); err != nil {
				return err
			}
		}
		return nil
	})
}

// runRows makes one row for each id, of its last record: a statement may not
// touch a row twice.
func runRows(op string, records []ports.RunRecord) ([]runRow, error) {
	rows := make([]runRow, 0, len(records))
	place := make(map[string]int, len(records))
	for _, r := range records {
		if r.ID == "" || !storable(r.ID) {
			return nil, fault.New(fault.Invalid, "cannot %s: the id of a run must be a text that is not empty", op).AtField("id")
		}
		nodes, err := json.Marshal(r.Nodes)
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "cannot %s: a number in it is not finite", op)
		}
		row := runRow{
			ID: r.ID, Workflow: clean(r.Workflow), Version: r.Version, Status: clean(string(r.Status)),
			StartedBy: clean(r.Trigger), Started: micros(r.Started), DurationMS: r.Duration, Steps: r.Steps,
			ErrorCode: clean(r.ErrorCode), Error: clean(r.Error), ErrorNode: clean(r.ErrorNode), Nodes: string(nodes),
		}
		if at, again := place[r.ID]; again {
			rows[at] = row
			continue
		}
		place[r.ID] = len(rows)
		rows = append(rows, row)
	}
	// Two writers that have the same ids must not take them in different orders.
	slices.SortFunc(rows, func(a, b runRow) int { return strings.Compare(a.ID, b.ID) })
	return rows, nil
}

func insertRuns(rows []runRow) (text string, values []any) {
	groups := make([]string, len(rows))
	for i, r := range rows {
		cells := []any{
			r.ID, r.Workflow, r.Version, r.Status, r.StartedBy, r.Started, r.DurationMS, r.Steps,
			r.ErrorCode, r.Error, r.ErrorNode, r.Nodes,
		}
		marks := make([]string, len(cells))
		for j := range cells {
			marks[j] = "$" + strconv.Itoa(len(values)+j+1)
		}
		groups[i] = "(" + strings.Join(marks, ",") + ")"
		values = append(values, cells...)
	}
	set := make([]string, 0, 12)
	for column := range strings.SplitSeq(runColumns+", nodes", ", ") {
		set = append(set, column+" = excluded."+column)
	}
	return "INSERT INTO nf_runs (" + runColumns + ", nodes) VALUES " + strings.Join(groups, ",") +
		" ON CONFLICT (id) DO UPDATE SET " + strings.Join(set, ", "), values
}
