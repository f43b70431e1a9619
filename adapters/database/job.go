package database

import (
	"context"
	"database/sql"
	"errors"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

var (
	errStatementTimeout = errors.New("the statement took too long")
	errConnectTimeout   = errors.New("no connection in time")
)

// job is one request being run.
type job struct {
	target    target
	cfg       Config
	rowsLeft  int // of each statement
	bytesLeft int // of all together
}

// runner is a connection or a transaction on it.
type runner interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// run runs statements, in a transaction when there are several or when one may
// fail after it changed something.
func (j *job) run(ctx context.Context, statements []statement) ([]payload.Value, error) {
	conn, err := j.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool, which finds out by itself when it is broken
	if len(statements) == 1 && !statements[0].writes {
		return j.runAll(ctx, conn, statements)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, j.target.faultOf(ctx, ctx, err, "")
	}
	defer tx.Rollback() // does nothing after a commit
	values, err := j.runAll(ctx, tx, statements)
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, j.target.faultOf(ctx, ctx, err, "committing: ")
	}
	return values, nil
}

func (j *job) connect(ctx context.Context) (*sql.Conn, error) {
	connectCtx, cancel := context.WithTimeoutCause(ctx, j.cfg.ConnectTimeout, errConnectTimeout)
	defer cancel()
	conn, err := j.target.db.Conn(connectCtx)
	if err != nil {
		return nil, j.target.faultOf(ctx, connectCtx, err, "")
	}
	return conn, nil
}

func (j *job) runAll(ctx context.Context, r runner, statements []statement) ([]payload.Value, error) {
	values := make([]payload.Value, len(statements))
	for i, s := range statements {
		var err error
		if values[i], err = j.runOne(ctx, r, s); err != nil {
			return nil, err
		}
		j.bytesLeft -= len(values[i].Bytes())
	}
	return values, nil
}

func (j *job) runOne(ctx context.Context, r runner, s statement) (payload.Value, error) {
	stmtCtx, cancel := context.WithTimeoutCause(ctx, j.cfg.StatementTimeout, errStatementTimeout)
	defer cancel()
	if s.mode == node.Exec {
		res, err := r.ExecContext(stmtCtx, s.query, s.args...)
		if err != nil {
			return payload.Value{}, j.target.faultOf(ctx, stmtCtx, err, s.place)
		}
		return j.outcome(res), nil
	}
	rows, err := r.QueryContext(stmtCtx, s.query, s.args...)
	if err != nil {
		return payload.Value{}, j.target.faultOf(ctx, stmtCtx, err, s.place)
	}
	defer rows.Close()
	value, err := j.read(rows, s)
	if err != nil {
		cancel() // otherwise closing would wait for all the rows nobody wants
		var own *fault.Fault
		if errors.As(err, &own) {
			return value, own
		}
		return value, j.target.faultOf(ctx, stmtCtx, err, s.place)
	}
	return value, nil
}

// outcome is what exec gives back; PostgreSQL has no last id, so it is null
// there, and RETURNING is the way to learn it.
func (j *job) outcome(res sql.Result) payload.Value {
	id, affected := "null", "null"
	if n, err := res.RowsAffected(); err == nil {
		affected = itoa(n)
	}
	if n, err := res.LastInsertId(); err == nil && j.target.marker == '?' {
		id = itoa(n)
	}
	return payload.Trusted([]byte(`{"rows_affected":` + affected + `,"last_insert_id":` + id + `}`))
}
