package sqlstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// row is one row of a designer's statement, whose columns nobody promises.
type row struct {
	columns []string
	cells   []any
}

// fields names the cells. The names of the columns count when all wanted ones
// are there, or when there are no others; else the documented order does, as in
// "SELECT u.id, u.login, u.secret ...". A missing field is absent.
func (r row) fields(wanted ...string) map[string]any {
	byName := make(map[string]any, len(r.columns))
	strange := false
	for i, column := range r.columns {
		name := strings.ToLower(column)
		known := false
		for _, w := range wanted {
			known = known || w == name
		}
		if known {
			byName[name] = r.cells[i]
		}
		strange = strange || !known
	}
	if !strange || len(byName) == len(wanted) {
		return byName
	}
	byOrder := make(map[string]any, len(wanted))
	for i, name := range wanted {
		if i < len(r.cells) {
			byOrder[name] = r.cells[i]
		}
	}
	return byOrder
}

// asText reads a cell of any type; NULL is "".
func asText(cell any) string {
	switch c := cell.(type) {
	case nil:
		return ""
	case string:
		return c
	case []byte:
		return string(c)
	case time.Time:
		return c.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(cell)
}

// asInt reads a whole number; ok is false for anything else.
func asInt(cell any) (n int64, ok bool) {
	switch c := cell.(type) {
	case int64:
		return c, true
	case float64:
		return int64(c), float64(int64(c)) == c
	case time.Time:
		return c.Unix(), true
	}
	n, err := strconv.ParseInt(strings.TrimSpace(asText(cell)), 10, 64)
	return n, err == nil
}

// asBool reads a switch in any of the spellings databases have for it.
func asBool(cell any) bool {
	if b, ok := cell.(bool); ok {
		return b
	}
	switch strings.ToLower(strings.TrimSpace(asText(cell))) {
	case "1", "t", "true", "y", "yes", "on", "s", "si":
		return true
	}
	return false
}
