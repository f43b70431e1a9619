package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/lib/pq"
	"github.com/mattn/go-sqlite3"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// faultOf says what went wrong. ctx is the caller's, bounded the one with our
// own limits. The server's word on a statement is shown with its SQLSTATE; what
// drivers say about connections is not, because it tells where the database is
// and who we are there.
func (t target) faultOf(ctx, bounded context.Context, err error, place string) error {
	if ctx.Err() != nil {
		return fault.Wrap(errors.Join(ctx.Err(), context.Cause(ctx)), fault.Cancelled, "%sthe query was cancelled", place)
	}
	switch cause := context.Cause(bounded); {
	case errors.Is(cause, errStatementTimeout):
		return fault.Wrap(err, fault.LimitExceeded, "%sthe query took too long", place).OverLimit("statement_timeout")
	case errors.Is(cause, errConnectTimeout):
		return fault.Wrap(err, fault.Upstream, "the database %q gave no connection in time", t.name)
	}
	var server *pq.Error
	if errors.As(err, &server) {
		if state := string(server.Code); !aboutConnection(state) {
			return fault.Wrap(err, fault.QueryFailed, "%s%s (SQLSTATE %s)", place, server.Message, state)
		}
		return t.away(err, "refused us (SQLSTATE "+string(server.Code)+")")
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return t.sqliteFault(lite, place)
	}
	if isConnection(err) {
		return t.away(err, "cannot be reached")
	}
	// The drivers themselves complain about arguments and results.
	return fault.Wrap(err, fault.QueryFailed, "%s%s", place, strings.TrimPrefix(err.Error(), "pq: "))
}

func (t target) sqliteFault(err sqlite3.Error, place string) error {
	switch err.Code { //nolint:exhaustive // all others are about the statement
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return t.away(err, "is locked by somebody else")
	case sqlite3.ErrCantOpen, sqlite3.ErrNotADB, sqlite3.ErrCorrupt, sqlite3.ErrIoErr, sqlite3.ErrFull, sqlite3.ErrPerm:
		return t.away(err, "cannot be used: "+err.Code.Error())
	case sqlite3.ErrTooBig:
		return fault.Wrap(err, fault.LimitExceeded, "%sa value is larger than %d bytes", place, maxSQLiteValue).OverLimit("max_value_bytes")
	default:
		return fault.Wrap(err, fault.QueryFailed, "%s%s", place, err.Error())
	}
}

func (t target) away(cause error, what string) error {
	return fault.Wrap(cause, fault.Upstream, "the database %q %s", t.name, what)
}

// aboutConnection reports whether a SQLSTATE is about the connection rather
// than the statement: connection exceptions, bad credentials, no such database,
// too many connections, and a server that is going or coming.
func aboutConnection(state string) bool {
	switch state {
	case "3D000", "53300", "57P01", "57P02", "57P03":
		return true
	default:
		return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "28")
	}
}

func isConnection(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pq.ErrSSLNotSupported) || errors.As(err, &network)
}
