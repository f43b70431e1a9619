package sqlstore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func digits(n int) string { return strconv.Itoa(n) }

// Condition is how a SQLite file stands.
type Condition struct {
	Journal   string // "wal" where nflow serves
	PageBytes int
	Pages     int
	FreePages int   // of Pages
	Shrinks   bool  // made with incremental vacuum, so Vacuum can free pages
	WALBytes  int64 // of the file beside it
}

// Condition looks at the SQLite file. Fault: invalid on PostgreSQL.
func (s *Store) Condition(ctx context.Context) (Condition, error) {
	var c Condition
	if s.dialect != sqliteSQL {
		return c, notAFile()
	}
	const incremental = 2
	var vacuum int
	err := s.read(ctx, "look at the database file", func(db *sqlx.DB) error {
		conn, err := db.Connx(ctx)
		if err != nil {
			return err
		}
		defer conn.Close() //nolint:errcheck // it goes back to the pool
		var file string
		for pragma, dest := range map[string]any{
			"journal_mode": &c.Journal, "page_size": &c.PageBytes, "page_count": &c.Pages,
			"freelist_count": &c.FreePages, "auto_vacuum": &vacuum,
		} {
			if err := conn.GetContext(ctx, dest, "PRAGMA "+pragma); err != nil {
				return err
			}
		}
		if err := conn.GetContext(ctx, &file, "SELECT file FROM pragma_database_list WHERE name = 'main'"); err != nil {
			return err
		}
		info, err := os.Stat(file + "-wal")
		if err == nil {
			c.WALBytes = info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	c.Shrinks = vacuum == incremental
	return c, err
}

func notAFile() error {
	return fault.New(fault.Invalid, `this is for a SQLite file only; the configured database is another`).AtField("database_nflow.driver")
}

// CheckIntegrity reads the whole SQLite file and says what is damaged in it;
// empty = nothing. Unless it is thorough it does not compare indexes with their
// tables, which takes most of the time. Fault: cancelled when ctx ended first.
func (s *Store) CheckIntegrity(ctx context.Context, thorough bool) (damage []string, err error) {
	if s.dialect != sqliteSQL {
		return nil, notAFile()
	}
	err = s.read(ctx, "check the database file", func(db *sqlx.DB) (err error) {
		damage, err = damageOf(ctx, db, thorough)
		return err
	})
	return damage, err
}

// mostDamage is how many kinds of damage are told; one is enough to know.
const mostDamage = 5

// damageOf is what is damaged in a database, rows that refer to missing ones
// included.
func damageOf(ctx context.Context, q sqlx.QueryerContext, thorough bool) ([]string, error) {
	check := "quick_check"
	if thorough {
		check = "integrity_check"
	}
	var damage []string
	err := sqlx.SelectContext(ctx, q, &damage, "PRAGMA "+check+"("+digits(mostDamage)+")")
	if len(damage) == 1 && damage[0] == "ok" {
		damage = nil
	}
	if err == nil && len(damage) == 0 {
		damage, err = orphansOf(ctx, q)
	}
	if err != nil && unreadable(err) {
		return append(damage, err.Error()), nil
	}
	return damage, err
}

// orphansOf lists our tables that refer to rows which are not there. What the
// designer's tables refer to was never enforced.
func orphansOf(ctx context.Context, q sqlx.QueryerContext) ([]string, error) {
	var found []struct {
		Table  string `db:"table"`
		Parent string `db:"parent"`
		Rows   int    `db:"n"`
	}
	err := sqlx.SelectContext(ctx, q, &found, `SELECT "table", parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2`)
	var list []string
	for _, one := range found {
		if strings.HasPrefix(one.Table, "nf_") {
			list = append(list, digits(one.Rows)+" rows of "+one.Table+" refer to missing rows of "+one.Parent)
		}
	}
	return list, err
}
