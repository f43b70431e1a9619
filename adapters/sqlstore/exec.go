package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// read runs fn, which only reads, for as long as ctx lasts: it is for looking
// after a database, which may take hours. op completes "cannot ...". fn may run
// more than once.
func (s *Store) read(ctx context.Context, op string, fn func(*sqlx.DB) error) error {
	return s.fault(ctx, op, s.retry(ctx, func() error { return fn(s.reader) }))
}

// reading runs fn, which only reads, within a limit. fn may run more than once.
func (s *Store) reading(ctx context.Context, op string, l limit, fn func(context.Context, conn) error) error {
	return s.within(ctx, op, l, func(ctx context.Context) error {
		if l == usual || !s.serverLimit {
			return fn(ctx, conn{s.book, s.reader})
		}
		return s.transact(ctx, s.reader, l, fn) // only a transaction can have a limit of its own on the server
	})
}

// writing runs fn in a transaction, within a limit. fn may run more than once and
// does nothing but SQL.
func (s *Store) writing(ctx context.Context, op string, l limit, fn func(context.Context, conn) error) error {
	if err := s.inPlace(); err != nil {
		return err
	}
	return s.within(ctx, op, l, func(ctx context.Context) error { return s.transact(ctx, s.writer, l, fn) })
}

func (s *Store) transact(ctx context.Context, pool *sqlx.DB, l limit, fn func(context.Context, conn) error) error {
	tx, err := pool.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if l != usual && s.serverLimit {
		if _, err := tx.ExecContext(ctx, "SET LOCAL statement_timeout = "+milliseconds(s.allowed(l))); err != nil {
			return err
		}
	}
	if err := fn(ctx, conn{s.book, tx}); err != nil {
		return err
	}
	return s.commit(ctx, tx)
}

// commit ends a transaction. When nobody heard how that went, it may have been
// stored; such an error is uncertain. SQLite always hears.
func (s *Store) commit(ctx context.Context, tx *sqlx.Tx) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := tx.Commit()
	heard := sqlState(err) != ""
	for _, early := range []error{sql.ErrTxDone, context.Canceled, context.DeadlineExceeded, pq.ErrInFailedTransaction} {
		heard = heard || errors.Is(err, early)
	}
	if err == nil || heard || s.dialect == sqliteSQL {
		return err
	}
	return uncertain{err}
}

// uncertain is the error of a commit that may have happened.
type uncertain struct{ cause error }

func (u uncertain) Error() string { return u.cause.Error() }
func (u uncertain) Unwrap() error { return u.cause }

// one reads one row into dest; missing is the fault when there is none.
func (s *Store) one(ctx context.Context, op string, dest any, missing *fault.Fault, query string, args ...any) error {
	if anyUnstorable(args) {
		return missing
	}
	return s.reading(ctx, op, usual, func(ctx context.Context, q conn) error {
		err := q.get(ctx, dest, query, args...)
		if errors.Is(err, sql.ErrNoRows) {
			return missing
		}
		return err
	})
}

// many reads rows into dest, a pointer to a slice.
func (s *Store) many(ctx context.Context, op string, l limit, dest any, query string, args ...any) error {
	if anyUnstorable(args) {
		return nil
	}
	err := s.reading(ctx, op, l, func(ctx context.Context, q conn) error { return q.list(ctx, dest, query, args...) })
	if s.unmigrated && noTable(err) { // a designer's database that is only read
		return nil
	}
	return err
}

// exec runs one statement of ours and returns the number of rows it changed.
func (s *Store) exec(ctx context.Context, op, query string, args ...any) (changed int, err error) {
	err = s.writing(ctx, op, usual, func(ctx context.Context, q conn) (err error) {
		changed, err = q.exec(ctx, query, args...)
		return err
	})
	return changed, err
}
