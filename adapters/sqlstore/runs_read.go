package sqlstore

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// runColumns are those of a record without its nodes.
const runColumns = `id, workflow, version, status, started_by, started, duration_ms, steps, error_code, error, error_node`

// runRow is a row of nf_runs.
type runRow struct {
	ID         string  `db:"id"`
	Workflow   string  `db:"workflow"`
	Version    int     `db:"version"`
	Status     string  `db:"status"`
	StartedBy  string  `db:"started_by"`
	Started    int64   `db:"started"`
	DurationMS float64 `db:"duration_ms"`
	Steps      int     `db:"steps"`
	ErrorCode  string  `db:"error_code"`
	Error      string  `db:"error"`
	ErrorNode  string  `db:"error_node"`
	Nodes      string  `db:"nodes"`
}

func (r runRow) record() ports.RunRecord {
	return ports.RunRecord{
		ID: r.ID, Workflow: r.Workflow, Version: r.Version, Status: ports.RunStatus(r.Status), Trigger: r.StartedBy,
		Started: fromMicros(r.Started), Duration: r.DurationMS, Steps: r.Steps,
		ErrorCode: r.ErrorCode, Error: r.Error, ErrorNode: r.ErrorNode,
	}
}

// Run implements ports.RunStore.
func (s *Store) Run(ctx context.Context, id string) (ports.RunRecord, error) {
	const op = "read the run"
	var r runRow
	err := s.one(ctx, op, &r, fault.New(fault.NotFound, "there is no run %q", id),
		"SELECT "+runColumns+", nodes FROM nf_runs WHERE id = $1", id)
	if err != nil {
		return ports.RunRecord{}, err
	}
	record := r.record()
	if err := json.Unmarshal([]byte(r.Nodes), &record.Nodes); err != nil {
		return ports.RunRecord{}, fault.Wrap(err, fault.Internal, "cannot %s: its row in nf_runs is damaged; delete it", op)
	}
	return record, nil
}

// Runs implements ports.RunStore, newest first: by start, then by id. Code
// invalid for a limit outside of 1 to 1,000. When the record the filter's Before
// names is gone, ids decide what is older, as they sort by time.
func (s *Store) Runs(ctx context.Context, f ports.RunFilter) ([]ports.RunRecord, error) {
	const op = "list the runs"
	if f.Limit < 1 || f.Limit > 1000 {
		return nil, fault.New(fault.Invalid, "cannot %s: the limit must be 1 to 1000", op).AtField("limit")
	}
	q := runQuery{text: "SELECT " + runColumns + " FROM nf_runs WHERE 1 = 1"}
	if f.Workflow != "" {
		q.and("workflow = ", f.Workflow)
	}
	if f.Status != "" {
		q.and("status = ", string(f.Status))
	}
	if f.Before != "" {
		var cursor []int64
		if err := s.many(ctx, op, usual, &cursor, "SELECT started FROM nf_runs WHERE id = $1", f.Before); err != nil {
			return nil, err
		}
		if len(cursor) > 0 {
			q.and("(started, id) < (", cursor[0])
			q.add(", ", f.Before)
			q.text += ")"
		} else {
			q.and("id < ", f.Before)
		}
	}
	q.add(" ORDER BY started DESC, id DESC LIMIT ", f.Limit)
	var rows []runRow
	if err := s.many(ctx, op, usual, &rows, q.text, q.values...); err != nil {
		return nil, err
	}
	records := make([]ports.RunRecord, len(rows))
	for i, r := range rows {
		records[i] = r.record()
	}
	return records, nil
}

// runQuery grows a statement from fixed texts and numbered values.
type runQuery struct {
	text   string
	values []any
}

func (q *runQuery) and(condition string, value any) { q.add(" AND "+condition, value) }

func (q *runQuery) add(text string, value any) {
	q.values = append(q.values, value)
	q.text += text + "$" + strconv.Itoa(len(q.values))
}
