package sqlstore

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// insertRows is an INSERT for so many rows.
func insertRows(columns []trackerColumn, rows int) string {
	names, marks := make([]string, len(columns)), make([]string, len(columns))
	groups := make([]string, 0, rows)
	for row := range rows {
		for i, c := range columns {
			names[i] = c.name
			marks[i] = "$" + strconv.Itoa(row*len(columns)+i+1)
		}
		groups = append(groups, "("+strings.Join(marks, ",")+")")
	}
	return "INSERT INTO tracker (" + strings.Join(names, ",") + ") VALUES " + strings.Join(groups, ",")
}

// insertArrays is an INSERT that takes an array for each column.
func insertArrays(columns []trackerColumn) string {
	names, takes, marks, cells := []string{}, []string{}, []string{}, []string{}
	for i, c := range columns {
		n := strconv.Itoa(i + 1)
		names = append(names, c.name)
		takes = append(takes, "c"+n)
		marks = append(marks, "$"+n+"::text[]")
		cell := "c" + n
		if c.kind != kindText {
			cell = "NULLIF(" + cell + ", '')"
		}
		cells = append(cells, cell+"::"+c.cast)
	}
	return "INSERT INTO tracker (" + strings.Join(names, ",") + ") SELECT " + strings.Join(cells, ",") +
		" FROM unnest(" + strings.Join(marks, ",") + ") AS r(" + strings.Join(takes, ",") + ")"
}

// planTracker looks at what the database has.
func (s *Store) planTracker(ctx context.Context, q conn) (*trackerPlan, error) {
	columns, _, err := s.describeTracker(ctx, q)
	if err != nil {
		return nil, err
	}
	if texts := s.named[insertLog]; len(texts) > 0 {
		return s.planOwn(ctx, q, texts[0], columns)
	}
	if len(columns) == 0 {
		return nil, fault.New(fault.QueryFailed, "cannot %s: the database has no table tracker with the designer's columns; "+
			"create it, or set tracker.enabled to false", storeTracker)
	}
	for _, c := range columns {
		if err := c.fits(); err != nil {
			return nil, err
		}
	}
	p := &trackerPlan{columns: columns}
	if s.dialect == postgresSQL {
		p.text = insertArrays(columns)
		return p, nil
	}
	for _, rows := range manyRows() {
		p.many = append(p.many, insertRows(columns, rows))
	}
	return p, nil
}

// planOwn finds out what the placeholders of the designer's statement want.
func (s *Store) planOwn(ctx context.Context, q conn, text string, table []trackerColumn) (*trackerPlan, error) {
	text, takes := s.dialect.number(strings.TrimRight(text, "; \t\r\n"))
	if takes > logValues {
		return nil, fault.New(fault.QueryFailed, "cannot %s: %s in the table queries uses $%d, but a row has %d values",
			storeTracker, insertLog, takes, logValues)
	}
	p := &trackerPlan{text: text, own: true}
	for place, name := range trackerColumns()[:takes] {
		c := trackerColumn{name: name, place: place} // SQLite does not tell; a text is never wrong
		if at := slices.IndexFunc(table, func(c trackerColumn) bool { return c.place == place }); at >= 0 && s.dialect == sqliteSQL {
			c = table[at]
		}
		if place == orderColumn && c.kind == kindText {
			c.kind = kindWhole
		}
		p.columns = append(p.columns, c)
	}
	if s.dialect == sqliteSQL || takes == 0 {
		return p, nil
	}
	return p, p.askPostgres(ctx, q)
}

// askPostgres lets the server say which types it takes the placeholders for.
func (p *trackerPlan) askPostgres(ctx context.Context, q conn) error {
	const name = "nf_tracker"
	if _, err := q.on.ExecContext(ctx, "PREPARE "+name+" AS "+p.text); err != nil {
		return err
	}
	var types []catalogRow
	if err := q.list(ctx, &types, `
		SELECT '' AS name, t.typcategory::text AS category, t.typname AS base, format_type(t.oid, NULL) AS type
		FROM pg_prepared_statements p, unnest(p.parameter_types) WITH ORDINALITY AS u(type, place)
		JOIN pg_type t ON t.oid = u.type WHERE p.name = $1 ORDER BY u.place`, name); err != nil {
		return err
	}
	if _, err := q.on.ExecContext(ctx, "DEALLOCATE "+name); err != nil {
		return err
	}
	for i := range min(len(p.columns), len(types)) {
		c := &p.columns[i]
		c.kind, c.cast = types[i].kind(postgresSQL), types[i].Type
		if err := c.fits(); err != nil {
			return err
		}
	}
	return nil
}
