package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// read runs fn, which only reads, and turns its error into a fault. op completes
// "cannot ...". fn may run more than once.
func (s *Store) read(ctx context.Context, op string, fn func(*sqlx.DB) error) error {
	return s.fault(ctx, op, s.retry(ctx, func() error { return fn(s.reader) }))
}

// write runs fn in a transaction. fn may run more than once and does nothing
// but SQL.
func (s *Store) write(ctx context.Context, op string, fn func(*sqlx.Tx) error) error {
	return s.fault(ctx, op, s.retry(ctx, func() error {
		tx, err := s.writer.BeginTxx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() // after Commit it does nothing
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Commit()
	}))
}

// retry runs fn again while others are in its way, as another process that has
// locked the SQLite file, for as long as the configuration and the context allow.
func (s *Store) retry(ctx context.Context, fn func() error) error {
	const pause = 5 * time.Millisecond // some locks are refused without the wait of the engine
	giveUp := time.Now().Add(s.busy)
	for {
		err := fn()
		if err == nil || !isBusy(err) && !isRolledBack(err) || time.Now().After(giveUp) {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// sql spells one of our own statements for the engine.
func (s *Store) sql(statement string) string {
	text, _ := s.dialect.number(statement)
	return text
}

// one reads one row into dest; missing is the fault when there is none.
func (s *Store) one(ctx context.Context, op string, dest any, missing *fault.Fault, query string, args ...any) error {
	if anyUnstorable(args) {
		return missing
	}
	return s.read(ctx, op, func(db *sqlx.DB) error {
		err := db.GetContext(ctx, dest, s.sql(query), args...)
		if errors.Is(err, sql.ErrNoRows) {
			return missing
		}
		return err
	})
}

// many reads rows into dest, a pointer to a slice.
func (s *Store) many(ctx context.Context, op string, dest any, query string, args ...any) error {
	if anyUnstorable(args) {
		return nil
	}
	err := s.read(ctx, op, func(db *sqlx.DB) error {
		return db.SelectContext(ctx, dest, s.sql(query), args...)
	})
	if s.unmigrated && noTable(err) { // a designer's database that is only read
		return nil
	}
	return err
}

// exec runs one statement of ours and returns the number of rows it changed.
func (s *Store) exec(ctx context.Context, op, query string, args ...any) (int, error) {
	var n int64
	err := s.write(ctx, op, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, s.sql(query), args...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return int(n), err
}
