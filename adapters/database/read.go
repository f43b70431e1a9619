package database

import (
	"database/sql"
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// column is a column of a result.
type column struct {
	key  []byte // "name": as JSON
	kind kind
}

// read encodes the rows of a result within the bounds.
func (j *job) read(rows *sql.Rows, s statement) (payload.Value, error) {
	columns, err := columnsOf(rows, s)
	if err != nil {
		return payload.Value{}, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var out []byte
	for n := 0; rows.Next(); n++ {
		if s.mode == node.Row && n > 0 {
			break
		}
		if n >= j.rowsLeft {
			return payload.Value{}, fault.New(fault.LimitExceeded, "%sthe query gives more than %d rows", s.place, j.rowsLeft).OverLimit("limits.max_rows")
		}
		if err := rows.Scan(into...); err != nil {
			return payload.Value{}, err
		}
		if n > 0 {
			out = append(out, ',')
		}
		if len(out)+sizeOf(values) <= j.bytesLeft { // writing out a giant value would take many times its size
			out = appendRow(out, columns, values)
			if len(out) <= j.bytesLeft {
				continue
			}
		}
		return payload.Value{}, fault.New(fault.LimitExceeded, "%sthe result is larger than %d bytes", s.place, j.cfg.MaxBytes).OverLimit("limits.max_response_bytes")
	}
	if err := rows.Err(); err != nil {
		return payload.Value{}, err
	}
	switch {
	case s.mode == node.Rows:
		return rowsOf(out), nil
	case len(out) == 0:
		return payload.Trusted([]byte("null")), nil
	default:
		return payload.Trusted(out), nil
	}
}

func columnsOf(rows *sql.Rows, s statement) ([]column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(types))
	columns := make([]column, len(types))
	for i, t := range types {
		name := t.Name()
		if seen[name] {
			return nil, fault.New(fault.QueryFailed, "%sthe result has two columns named %q; give one of them another name with AS", s.place, name)
		}
		seen[name] = true
		columns[i] = column{key: append(payload.Text(name).Bytes(), ':'), kind: kindOf(t.DatabaseTypeName())}
	}
	return columns, nil
}

// sizeOf is the least that texts and bytes take as JSON.
func sizeOf(values []any) int {
	n := 0
	for _, v := range values {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}

func appendRow(b []byte, columns []column, values []any) []byte {
	b = append(b, '{')
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, c.key...)
		b = appendValue(b, c.kind, values[i])
	}
	return append(b, '}')
}
