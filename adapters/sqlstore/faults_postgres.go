package sqlstore

import (
	"errors"
	"strings"

	"github.com/lib/pq"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// sqlState is PostgreSQL's code of an error; empty for other errors.
func sqlState(err error) string {
	var e *pq.Error
	if errors.As(err, &e) {
		return string(e.Code)
	}
	return ""
}

// isRolledBack says whether PostgreSQL undid a transaction because of others at
// the same rows, so that it may succeed when it is tried again.
func isRolledBack(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01" // serialization failure, deadlock
}

// isOverdue says whether the server ended a statement at its limit.
func isOverdue(err error) bool { return sqlState(err) == "57014" }

// isStale says whether a prepared statement was at fault: its tables changed, or
// the server has forgotten it.
func isStale(err error) bool {
	var e *pq.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == "26000" || e.Code == "0A000" && strings.Contains(e.Routine, "RevalidateCachedQuery")
}

func diagnosePostgres(err error) (ailment, bool) {
	if a, ok := diagnoseTLS(err); ok {
		return a, true
	}
	state := sqlState(err)
	if len(state) != 5 {
		return ailment{}, false
	}
	if a, ok := diagnoseState(state); ok {
		return a, true
	}
	switch state[:2] {
	case "08", "57", "58":
		return ailment{fault.Unavailable, "the database server ended the connection; see its log", 1}, true
	case "28":
		return ailment{fault.Unavailable, "the server refuses the user or the password of database_nflow.dsn; " +
			"correct them, or see pg_hba.conf of the server", 0}, true
	case "53":
		return ailment{fault.Unavailable, "the database server is short of memory or other resources; see its log", 1}, true
	case "54":
		return ailment{fault.TooLarge, "the content is larger than PostgreSQL can keep", 0}, true
	}
	return ailment{fault.Internal, "PostgreSQL gave an unexpected error", 0}, true
}

func diagnoseState(state string) (ailment, bool) {
	switch state {
	case "23505":
		return ailment{fault.Conflict, "it is already there", 0}, true
	case "40001", "40P01", "55P03":
		return ailment{fault.Unavailable, "others are changing the same rows; try again", 1}, true
	case "53100":
		return ailment{fault.Unavailable, "the disk of the database server is full; free some space", 0}, true
	case "53300":
		return ailment{fault.Unavailable, "the database server has no connection left; lower database_nflow.max_open_conns " +
			"of every instance, or raise max_connections on the server", 1}, true
	case "25006":
		return ailment{fault.Unavailable, "the database is read-only; see whether database_nflow.dsn leads to a replica", 1}, true
	case "3D000":
		return ailment{fault.Unavailable, "the database named in database_nflow.dsn does not exist; create it", 0}, true
	case "42501":
		return ailment{fault.Unavailable, "the user of database_nflow.dsn lacks a permission; grant it usage and create " +
			"on the schema, and select on the designer's tables", 0}, true
	case "42P01":
		return tablesMissing(), true
	case "26000", "42P05":
		return ailment{fault.Unavailable, "a pooler between nflow and the database server mixes up prepared statements; " +
			"set database_nflow.prepared_statements to false", 0}, true
	case "22021", "22P05":
		return ailment{fault.Invalid, "PostgreSQL cannot keep a text with a zero byte or broken UTF-8", 0}, true
	}
	return ailment{}, false
}
