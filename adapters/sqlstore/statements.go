package sqlstore

import (
	"context"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// The designer's statements we use, by the names its table queries gives them.
const (
	getApps      = "QueryGetApps" // ours: the designer never lists its applications
	getApp       = "QueryGetApp"
	getModules   = "QueryGetModules"
	getTemplates = "QueryGetTemplates"
	getModule    = "QueryGetModuleByName"
	getTemplate  = "QueryGetTemplate"
	getUser      = "QueryGetUser"
	getToken     = "QueryGetToken"
	insertLog    = "QueryInsertLog"
)

// statements are the texts to try for each name, in this order.
type statements map[string][]string

// builtIn are the statements of a database that brings none. Some designers
// spell the table of templates "templete".
func builtIn() statements {
	return statements{
		getApps:    {"SELECT name, json, default_js FROM nflow"},
		getApp:     {"SELECT json, default_js FROM nflow WHERE name = $1"},
		getModules: {"SELECT form, mod, code, name FROM modules ORDER BY name"},
		getTemplates: {
			"SELECT id, name, content FROM template ORDER BY name",
			"SELECT id, name, content FROM templete ORDER BY name",
		},
		getModule: {"SELECT form, mod, code FROM modules WHERE name = $1"},
		getTemplate: {
			"SELECT id, name, content FROM template WHERE name = $1",
			"SELECT id, name, content FROM templete WHERE name = $1",
		},
		getUser: {"SELECT id, username, password, rol, active FROM users WHERE username = $1"},
		getToken: {"SELECT id, name, token, start, expired, active, header, token_type " +
			"FROM api_tokens WHERE name = $1"},
		insertLog: nil, // see trackerTable
	}
}

// loadStatements lets the rows of the configured query replace built-in texts.
func (s *Store) loadStatements(ctx context.Context, query string) error {
	s.named = builtIn()
	rows, err := s.fetch(ctx, "read the designer's statements with [database_nflow] query", usual, query, nil)
	if err != nil && !noTable(err) {
		return err
	}
	for _, r := range rows {
		f := r.fields("name", "query")
		name, text := strings.TrimSpace(asText(f["name"])), asText(f["query"])
		if known, ok := s.named[name]; ok && strings.TrimSpace(text) != "" {
			s.named[name] = append([]string{text}, known...)
		}
	}
	return nil
}

// replaced says whether the database brings its own text for a statement.
func (s *Store) replaced(name string) bool { return len(s.named[name]) > len(builtIn()[name]) }

// query runs a named statement and returns its rows. A text whose table does not
// exist gives way to the next; a text of the database that works is the last
// word. Without any table there are no rows.
func (s *Store) query(ctx context.Context, name string, values ...any) ([]row, error) {
	if anyUnstorable(values) {
		return nil, nil
	}
	own, l := s.replaced(name), usual
	if name == getApps || name == getModules || name == getTemplates {
		l = long
	}
	for i, text := range s.named[name] {
		rows, err := s.fetch(ctx, "run the statement "+name+" on the designer's tables", l, text, values)
		if err != nil && noTable(err) {
			continue
		}
		if err != nil || len(rows) > 0 || own && i == 0 {
			return rows, err
		}
	}
	return nil, nil
}

// fetch runs a statement that is not ours.
func (s *Store) fetch(ctx context.Context, op string, l limit, text string, values []any) ([]row, error) {
	text, takes := s.dialect.number(text)
	if takes > len(values) {
		return nil, fault.New(fault.QueryFailed, "cannot %s: it uses $%d, but there are only %d values", op, takes, len(values))
	}
	var found []row
	err := s.reading(ctx, op, l, func(ctx context.Context, q conn) error {
		found = nil
		rows, err := q.on.QueryxContext(ctx, text, values[:takes]...)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			cells, err := rows.SliceScan()
			if err != nil {
				return err
			}
			found = append(found, row{columns, cells})
		}
		return rows.Err()
	})
	if isReadOnly(err) { // the reading connections of SQLite cannot write
		return nil, fault.Wrap(err, fault.QueryFailed, "cannot %s: it tries to write; see the table queries", op)
	}
	if f := fault.As(err); f != nil && f.Code == fault.Internal {
		return nil, fault.Wrap(err, fault.QueryFailed, "cannot %s: the database refuses it; see the table queries", op)
	}
	return found, err
}
