package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// ailment is what an error of a driver means to the person who can mend it.
type ailment struct {
	code   fault.Code
	advice string
	again  int // seconds after which trying again makes sense; 0 = no advice
}

// fault is the one place where errors of the drivers become faults.
func (s *Store) fault(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	// A deadline inside err may be the driver's own, so only that of ctx counts.
	if ended := ctx.Err(); ended != nil || errors.Is(err, context.Canceled) {
		return fault.Wrap(cmp.Or(ended, err), fault.Cancelled, "cannot %s: the request was cancelled or took too long", op)
	}
	a := diagnose(err)
	f = fault.Wrap(s.scrub(err), a.code, "cannot %s: %s", op, a.advice)
	if a.again > 0 {
		f = f.Retry(a.again)
	}
	return f
}

// scrub replaces an error that repeats the data source name or its password.
// The servers themselves repeat neither, and which of their errors it is matters.
func (s *Store) scrub(err error) error {
	if sqlState(err) != "" {
		return err
	}
	text := err.Error()
	for _, secret := range s.secrets {
		if secret != "" && strings.Contains(text, secret) {
			return errors.New("withheld, as it repeats a part of database_nflow.dsn")
		}
	}
	return err
}

func diagnose(err error) ailment {
	if a, ok := diagnoseSQLite(err); ok {
		return a
	}
	if a, ok := diagnosePostgres(err); ok {
		return a
	}
	if lost(err) {
		return ailment{fault.Unavailable, "the database server does not answer; see that it runs and that " +
			"host, port and sslmode in database_nflow.dsn are right", 1}
	}
	return ailment{fault.Internal, "the database gave an unexpected error", 0}
}

// isGone says whether a connection was lost, or refused by a server that is
// starting or stopping, as happens while it restarts.
func isGone(err error) bool {
	switch sqlState(err) {
	case "":
	case "57P01", "57P02", "57P03":
		return true
	default:
		return false
	}
	for _, gone := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, gone) {
			return true
		}
	}
	var network *net.OpError
	return errors.As(err, &network) && !network.Timeout()
}

// lost says whether the connection is gone or never came about.
func lost(err error) bool {
	for _, gone := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
	} {
		if errors.Is(err, gone) {
			return true
		}
	}
	var network net.Error
	return errors.As(err, &network) || err.Error() == "sql: database is closed" // database/sql exports no such error
}
