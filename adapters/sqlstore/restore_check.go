package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// candidate is a file that may become the database. It holds still.
type candidate struct {
	*link
	file string
}

// openCandidate opens a file to read it, and only if it is a SQLite database.
func openCandidate(ctx context.Context, file, database string) (*candidate, error) {
	if same(file, database) {
		return nil, fault.New(fault.Invalid, "%s: it is the database itself; name a backup", file)
	}
	if err := looksLikeSQLite(file); err != nil {
		return nil, err
	}
	c := &candidate{file: file}
	params := url.Values{"mode": {"ro"}}
	err := c.open(ctx, params)
	if _, noWAL := os.Stat(file + "-wal"); err != nil && errors.Is(noWAL, fs.ErrNotExist) {
		// A file in WAL mode cannot be read where nothing may be written, unless
		// SQLite is told that nobody else writes it.
		params.Set("immutable", "1")
		err = c.open(ctx, params)
	}
	if err != nil {
		return nil, c.refuse(err)
	}
	return c, nil
}

func (c *candidate) open(ctx context.Context, params url.Values) error {
	l, err := openLink(ctx, uriOf(c.file), params)
	if err != nil {
		return err
	}
	if err := l.holdStill(ctx); err != nil {
		l.close()
		return err
	}
	c.link = l
	return nil
}

func (c *candidate) refuse(err error) error {
	if unreadable(err) {
		return c.damaged(err.Error())
	}
	f := fault.As(err)
	return fault.Wrap(err, f.Code, "%s: %s", c.file, f.Error())
}

func (c *candidate) damaged(how string) error {
	return fault.New(fault.Invalid, "%s: it is damaged: %s; restore another backup", c.file, how)
}

// looksLikeSQLite says more about a file that is none than SQLite would.
func looksLikeSQLite(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "%s: there is no such file", name)
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "%s: %s", name, reason(err))
	}
	defer f.Close() //nolint:errcheck // only read
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, []byte(magic)) {
		return fault.New(fault.Invalid, "%s: it is not a SQLite database; name a file that nflow backup made", name)
	}
	return nil
}

// check reads all of the file. It returns the migrations it lacks.
func (c *candidate) check(ctx context.Context) (pending []string, err error) {
	damage, err := damageOf(ctx, c.conn, true)
	if err != nil {
		return nil, c.refuse(c.fault(ctx, "check it", err))
	}
	if len(damage) > 0 {
		return nil, c.damaged(strings.Join(damage, "; "))
	}
	tables, err := c.tables(ctx)
	if err != nil {
		return nil, c.refuse(err)
	}
	if !ofNflow(tables) {
		return nil, fault.New(fault.Invalid, "%s: it is a SQLite database, but not one of nflow: it has neither %s nor the designer's table nflow", c.file, versionTable)
	}
	pending, err = newStore(sqliteSQL, Config{}.withDefaults(), c.db).Pending(ctx)
	if err != nil {
		return nil, c.refuse(err)
	}
	return pending, nil
}

// ofNflow says whether a database with these tables is one of nflow or a designer.
func ofNflow(tables []string) bool {
	return slices.Contains(tables, versionTable) || slices.Contains(tables, "nflow")
}

func (l *link) tables(ctx context.Context) (names []string, err error) {
	err = sqlx.SelectContext(ctx, l.conn, &names, "SELECT name FROM sqlite_schema WHERE type = 'table'")
	return names, l.fault(ctx, "list its tables", err)
}
