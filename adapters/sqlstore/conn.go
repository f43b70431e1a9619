package sqlstore

import (
	"context"
	"reflect"

	"github.com/jmoiron/sqlx"
)

// conn is where statements run: any connection, or that of a transaction. Its
// statements are written with $1, $2... and fixed texts; see book.
type conn struct {
	book *book
	on   sqlx.ExtContext
}

// get reads one row into dest; sql.ErrNoRows when there is none.
func (q conn) get(ctx context.Context, dest any, statement string, args ...any) error {
	return sqlx.GetContext(ctx, q.on, dest, q.book.text(statement), args...)
}

// list reads rows into dest, a pointer to a slice, whatever is in it.
func (q conn) list(ctx context.Context, dest any, statement string, args ...any) error {
	reflect.ValueOf(dest).Elem().SetZero() // a try before this one may have read some
	return sqlx.SelectContext(ctx, q.on, dest, q.book.text(statement), args...)
}

// exec returns how many rows changed.
func (q conn) exec(ctx context.Context, statement string, args ...any) (int, error) {
	return q.execText(ctx, q.book.text(statement), args...)
}

// execOnce is exec for a text that differs from call to call.
func (q conn) execOnce(ctx context.Context, statement string, args ...any) (int, error) {
	text, _ := q.book.dialect.number(statement)
	return q.execText(ctx, text, args...)
}

func (q conn) execText(ctx context.Context, text string, args ...any) (int, error) {
	result, err := q.on.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
