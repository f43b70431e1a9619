package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// trackerColumns are those of the designer's table, and before created the order
// in which QueryInsertLog takes them as $1, $2...
func trackerColumns() []string {
	return []string{
		"log_id", "box_id", "box_name", "box_type", "url", "username", "connection_next", "duration", "order_box",
		"payload", "ip", "real_ip", "user_agent", "query_param", "hostname", "host", "created",
	}
}

// logValues is how many of them QueryInsertLog takes.
const logValues = 16

// Places of the columns that are not like the others.
const (
	durationColumn = 7
	orderColumn    = 8
	payloadColumn  = 9
	createdColumn  = 16
)

// kind is what a column or a placeholder wants.
type kind int

const (
	kindText kind = iota
	kindWhole
	kindDecimal
	kindTime
	kindSpan
	kindAddress
	kindOther // its own spelling of a text; an empty one is NULL
)

// trackerColumn is a column of the table that is there, or a placeholder.
type trackerColumn struct {
	name  string
	place int // in trackerColumns
	kind  kind
	cast  string // the type as PostgreSQL spells it
}

// catalogRow is how the engines describe a column.
type catalogRow struct {
	Name, Category, Base, Type string
}

// describeTracker reads the columns of the table; none = there is no table. The
// designer that made it may have had fewer, and other types.
func (s *Store) describeTracker(ctx context.Context, q conn) ([]trackerColumn, bool, error) {
	statement := `SELECT lower(name) AS name, '' AS category, '' AS base, upper(type) AS type FROM pragma_table_info($1)`
	if s.dialect == postgresSQL {
		statement = `SELECT a.attname AS name, t.typcategory::text AS category, t.typname AS base,
				format_type(a.atttypid, a.atttypmod) AS type
			FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
			WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`
	}
	var rows []catalogRow
	if err := q.list(ctx, &rows, statement, "tracker"); err != nil {
		return nil, false, err
	}
	var columns []trackerColumn
	known, hasID := trackerColumns(), false
	for _, r := range rows {
		if r.Name == "id" {
			hasID = r.kind(s.dialect) == kindWhole || r.kind(s.dialect) == kindDecimal
		}
		if place := slices.Index(known, r.Name); place >= 0 {
			columns = append(columns, trackerColumn{name: r.Name, place: place, kind: r.kind(s.dialect), cast: r.Type})
		}
	}
	slices.SortFunc(columns, func(a, b trackerColumn) int { return a.place - b.place })
	return columns, hasID, nil
}

func (r catalogRow) kind(d dialect) kind {
	if d == sqliteSQL {
		return sqliteKind(r.Type)
	}
	switch r.Category {
	case "S":
		return kindText
	case "N":
		switch r.Base {
		case "numeric", "float4", "float8":
			return kindDecimal
		}
		return kindWhole
	case "D":
		return kindTime
	case "T":
		return kindSpan
	case "I":
		return kindAddress
	}
	return kindOther
}

// sqliteKind reads a declared type, which SQLite takes as a hint and no more.
func sqliteKind(declared string) kind {
	for _, hint := range []struct {
		part string
		kind kind
	}{
		{"INT", kindWhole}, {"CHAR", kindText}, {"CLOB", kindText}, {"TEXT", kindText},
		{"REAL", kindDecimal}, {"FLOA", kindDecimal}, {"DOUBLE", kindDecimal}, {"NUM", kindDecimal}, {"DEC", kindDecimal},
		{"TIME", kindTime}, {"DATE", kindTime},
	} {
		if strings.Contains(declared, hint.part) {
			return hint.kind
		}
	}
	return kindText
}

// fits fails for a column that cannot hold what belongs there.
func (c trackerColumn) fits() error {
	ok := c.kind != kindTime && c.kind != kindSpan
	switch c.place {
	case durationColumn:
		ok = c.kind != kindTime && c.kind != kindAddress && c.kind != kindOther
	case orderColumn:
		ok = c.kind == kindText || c.kind == kindWhole || c.kind == kindDecimal
	case createdColumn:
		ok = c.kind != kindSpan && c.kind != kindAddress && c.kind != kindOther
	}
	if ok {
		return nil
	}
	return fault.New(fault.QueryFailed, "cannot store tracker rows: %s is of the type %s, which cannot hold it; "+
		"make it a text, or set tracker.enabled to false", c.name, c.cast)
}
