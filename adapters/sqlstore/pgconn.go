package sqlstore

import (
	"context"
	"database/sql/driver"
)

// pqConn is what a connection of lib/pq can do.
type pqConn interface { //nolint:interfacebloat // database/sql asks for all of them
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

// pgConn is a connection of lib/pq that gives up when the context of a call ends,
// even when the server is silent, and that keeps our own statements prepared:
// they take one round trip instead of two.
//
// Our own statements are not cancelled on the server, as they are short and have
// its statement_timeout; others are.
type pgConn struct {
	pqConn
	wire     *wire
	book     *book // nil = nothing is prepared
	edition  int64
	prepared map[string]driver.Stmt
}

// ResetSession implements driver.SessionResetter.
func (c *pgConn) ResetSession(ctx context.Context) error {
	if c.wire.isCut() {
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

// IsValid implements driver.Validator.
func (c *pgConn) IsValid() bool { return !c.wire.isCut() && c.pqConn.IsValid() }

// Ping implements driver.Pinger.
func (c *pgConn) Ping(ctx context.Context) error {
	defer c.wire.cutAfter(ctx)()
	return c.pqConn.Ping(ctx)
}

// ExecContext implements driver.ExecerContext.
func (c *pgConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	defer c.wire.cutAfter(ctx)()
	ours, err := c.ours(text, args)
	if err != nil {
		return nil, err
	}
	if ours == nil {
		return c.pqConn.ExecContext(ctx, text, args)
	}
	result, err := ours.(driver.StmtExecContext).ExecContext(context.Background(), args)
	return result, c.noted(err)
}

// QueryContext implements driver.QueryerContext.
func (c *pgConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	stop := c.wire.cutAfter(ctx)
	rows, err := c.query(ctx, text, args)
	if err != nil {
		stop()
		return nil, err
	}
	return pgRows{rows, stop}, nil
}

func (c *pgConn) query(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	ours, err := c.ours(text, args)
	if err != nil {
		return nil, err
	}
	if ours == nil {
		return c.pqConn.QueryContext(ctx, text, args)
	}
	rows, err := ours.(driver.StmtQueryContext).QueryContext(context.Background(), args)
	return rows, c.noted(err)
}

// BeginTx implements driver.ConnBeginTx. ctx bounds the whole transaction, its
// commit included.
func (c *pgConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	stop := c.wire.cutAfter(ctx)
	tx, err := c.pqConn.BeginTx(context.Background(), opts)
	if err != nil {
		stop()
		return nil, err
	}
	return pgTx{tx, stop}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *pgConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	defer c.wire.cutAfter(ctx)()
	st, err := c.pqConn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	return pgStmt{st, c.wire}, nil
}

// ours is the prepared form of a statement in the book; nil for all others.
// Without values there is nothing to gain.
func (c *pgConn) ours(text string, args []driver.NamedValue) (driver.Stmt, error) {
	if c.book == nil || len(args) == 0 {
		return nil, nil //nolint:nilnil // not ours is no error
	}
	if now := c.book.edition.Load(); now != c.edition {
		for text, st := range c.prepared {
			delete(c.prepared, text)
			if err := st.Close(); err != nil {
				return nil, err
			}
		}
		c.edition = now
	}
	if st := c.prepared[text]; st != nil {
		return st, nil
	}
	if !c.book.holds(text) {
		return nil, nil //nolint:nilnil // not ours is no error
	}
	st, err := c.pqConn.PrepareContext(context.Background(), text)
	if err == nil {
		c.prepared[text] = st
	}
	return st, err
}

// noted lets all connections prepare anew when err says that the tables changed.
func (c *pgConn) noted(err error) error {
	if err != nil && isStale(err) {
		c.book.edition.CompareAndSwap(c.edition, c.edition+1)
	}
	return err
}
