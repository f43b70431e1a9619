package sqlstore

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// limit says how long a call may take.
type limit int

const (
	// usual is Config.StatementTimeout.
	usual limit = iota
	// long is ten times that, for what moves a lot: all active workflows, the bytes
	// of plugins, and deletions that look through a whole table.
	long
	// patient is a hundred times that, and at least ten minutes: changes of the
	// schema, which may rewrite tables and wait for other instances at it.
	patient
)

func (s *Store) allowed(l limit) time.Duration {
	switch l {
	case long:
		return 10 * s.limit
	case patient:
		return max(100*s.limit, 10*time.Minute)
	}
	return s.limit
}

// within runs fn, again where that helps, with a context that ends at the limit,
// and turns its error into a fault.
func (s *Store) within(ctx context.Context, op string, l limit, fn func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, s.allowed(l))
	defer cancel()
	err := s.retry(limited, func() error { return fn(limited) })
	if err == nil {
		return nil
	}
	late := ctx.Err() == nil && (limited.Err() != nil || isOverdue(err))
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		return err
	case errors.As(err, new(uncertain)):
		return s.unknown(ctx, op, err)
	case late:
		return fault.Wrap(s.scrub(err), fault.Unavailable, "cannot %s: the database took longer than the %s that "+
			"database_nflow.statement_timeout gives it; see that its server is well and that database_nflow.max_open_conns is enough, or allow more",
			op, s.allowed(l)).Retry(1)
	}
	return s.fault(ctx, op, err)
}

// unknown is the fault of an uncertain write. It gives no advice to try again, as
// that may store it twice.
func (s *Store) unknown(ctx context.Context, op string, err error) error {
	const so = "while it was being stored, so it is not known whether it was; look before you repeat it"
	if ctx.Err() != nil {
		return fault.Wrap(ctx.Err(), fault.Cancelled, "cannot %s: the request was cancelled or took too long %s", op, so)
	}
	return fault.Wrap(s.scrub(err), fault.Unavailable,
		"cannot %s: the database server went away, or took longer than database_nflow.statement_timeout allows, %s", op, so)
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) }
