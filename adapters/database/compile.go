package database

import (
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// statement is ready for the driver.
type statement struct {
	query  string // with the driver's own placeholders
	args   []any
	mode   node.QueryMode
	writes bool   // gives rows back, but may also change some
	place  string // such as "statement 2 of 3: "; empty for a lone one
}

// compile checks statements and rewrites them for the driver. Faults are
// invalid.
func (t target) compile(in []node.Statement) ([]statement, error) {
	if len(in) == 0 {
		return nil, fault.New(fault.Invalid, "there is no statement to run")
	}
	out := make([]statement, len(in))
	for i, s := range in {
		place := ""
		if len(in) > 1 {
			place = "statement " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(in)) + ": "
		}
		var err error
		if out[i], err = t.compileOne(s, place); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t target) compileOne(s node.Statement, place string) (statement, error) {
	out := statement{mode: s.Mode, place: place}
	switch s.Mode {
	case node.Rows, node.Row, node.Exec:
	case "":
		out.mode = node.Rows
	default:
		return out, fault.New(fault.Invalid, "%sthe mode %q is unknown; use rows, row or exec", place, s.Mode)
	}
	commands := node.Commands(s.Query)
	switch {
	case len(commands) == 0:
		return out, fault.New(fault.Invalid, "%sthe query is empty", place)
	case len(commands) > 1:
		return out, fault.New(fault.Invalid, "%sthe query holds %d commands; list them as statements of their own, which run in one transaction", place, len(commands))
	}
	command := commands[0]
	if why := forbidden(command.Word); why != "" {
		return out, fault.New(fault.Invalid, "%s%s cannot be used here: %s", place, command.Word, why)
	}
	if wanted := node.CountPlaceholders(command.Text); wanted != len(s.Params) {
		return out, fault.New(fault.Invalid, "%sthe query has %d placeholders, but %d params are given", place, wanted, len(s.Params))
	}
	out.query = t.rewrite(command.Text)
	out.writes = out.mode != node.Exec && mayWrite(command)
	for _, p := range s.Params {
		out.args = append(out.args, argument(p))
	}
	return out, nil
}

// forbidden says why a command may not be used; empty when it may.
func forbidden(word string) string {
	switch word {
	case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE":
		return "a list of statements runs in one transaction"
	case "SET", "RESET", "DISCARD", "PRAGMA", "LISTEN", "UNLISTEN", "PREPARE", "DEALLOCATE", "LOAD":
		return "the connection is shared with other runs; settings belong into the database's dsn"
	case "ATTACH", "DETACH", "COPY", "VACUUM":
		return "it reaches beyond the database"
	default:
		return ""
	}
}

// mayWrite reports whether a command that gives rows may also change some.
func mayWrite(c node.Command) bool {
	switch c.Word {
	case "SELECT", "VALUES", "TABLE", "SHOW", "EXPLAIN", "(":
		return false
	case "WITH":
		text := strings.ToUpper(c.Text)
		for _, verb := range []string{"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"} {
			if strings.Contains(text, verb) {
				return true
			}
		}
		return false
	default:
		return true
	}
}

// rewrite gives a query the driver's own placeholders.
func (t target) rewrite(query string) string {
	var b strings.Builder
	last := 0
	for _, p := range node.Placeholders(query) {
		b.WriteString(query[last:p.Start])
		if p.Index == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte(t.marker)
			b.WriteString(strconv.Itoa(p.Index))
		}
		last = p.End
	}
	b.WriteString(query[last:])
	return b.String()
}

// argument turns a JSON value into what the driver takes: whole numbers as
// int64, or as their digits when they do not fit; objects and arrays as JSON.
func argument(v payload.Value) any {
	switch v.Kind() {
	case payload.Null:
		return nil
	case payload.Bool:
		return v.IsTrue()
	case payload.Number:
		text := v.String()
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && strings.ContainsAny(text, ".eE") {
			return f
		}
		return text
	case payload.String, payload.Array, payload.Object:
	}
	return v.String()
}
