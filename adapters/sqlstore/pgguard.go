package sqlstore

import (
	"context"
	"database/sql/driver"
)

// pgRows are rows whose context can cut the connection until they are closed.
type pgRows struct {
	driver.Rows
	stop func()
}

// Close implements driver.Rows.
func (r pgRows) Close() error {
	defer r.stop()
	return r.Rows.Close()
}

// pgTx is a transaction whose context can cut the connection until it has ended.
type pgTx struct {
	driver.Tx
	stop func()
}

// Commit implements driver.Tx.
func (t pgTx) Commit() error {
	defer t.stop()
	return t.Tx.Commit()
}

// Rollback implements driver.Tx.
func (t pgTx) Rollback() error {
	defer t.stop()
	return t.Tx.Rollback()
}

// pgStmt is a statement that somebody prepared for himself.
type pgStmt struct {
	driver.Stmt
	wire *wire
}

// ExecContext implements driver.StmtExecContext.
func (s pgStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	defer s.wire.cutAfter(ctx)()
	return s.Stmt.(driver.StmtExecContext).ExecContext(context.Background(), args)
}

// QueryContext implements driver.StmtQueryContext.
func (s pgStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	stop := s.wire.cutAfter(ctx)
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(context.Background(), args)
	if err != nil {
		stop()
		return nil, err
	}
	return pgRows{rows, stop}, nil
}
