package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Backup is an order to copy a SQLite database.
type Backup struct {
	// File is where the copy goes. It is there whole, or not at all.
	File string
	// Overwrite replaces a File that is there.
	Overwrite bool
	// Progress is told now and then how many pages have been copied, of how many.
	// Default nobody.
	Progress func(done, total int)
}

// Copied is what was copied.
type Copied struct {
	Bytes int64
	Pages int
}

// BackUp copies a SQLite database into a file, as it is at this moment, while
// others use it: in WAL mode, which nflow sets, nobody waits for it. The schema
// may be of any version. Only the owner can read the copy; it was checked, and
// it is on disk. Faults: invalid (not a SQLite file, or a bad name), not_found
// (no database), conflict (File is there), unavailable, internal (damaged).
func BackUp(ctx context.Context, config Config, order Backup) (Copied, error) {
	config = config.withDefaults()
	database, err := fileOf(config)
	if err != nil {
		return Copied{}, err
	}
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return Copied{}, fault.New(fault.NotFound, "there is no database yet").AtField("database_nflow.dsn")
	}
	target, err := order.target(database)
	if err != nil {
		return Copied{}, err
	}
	source, err := openSource(ctx, config)
	if err != nil {
		return Copied{}, err
	}
	defer source.close()
	draft, err := newDraft(target)
	if err != nil {
		return Copied{}, err
	}
	defer draft.remove()
	copied, err := draft.fill(ctx, source, order.Progress)
	if err == nil {
		err = draft.publish(target, order.Overwrite)
	}
	return copied, err
}

// fileOf is the file of a SQLite database.
func fileOf(c Config) (string, error) {
	if err := c.Validate(); err != nil {
		return "", err
	}
	if c.Driver != SQLite {
		return "", notAFile()
	}
	path, params, err := splitSQLite(c.DSN)
	if err != nil {
		return "", err
	}
	if inMemory(path, params) {
		return "", fault.New(fault.Invalid, "the database is in memory; name a file").AtField("database_nflow.dsn")
	}
	return fileName(path), nil
}

// companions are the endings of files that SQLite keeps beside a database.
func companions() []string { return []string{"-wal", "-shm", "-journal"} }

// target is the file to write, with links followed. It must not be one of the
// database's own, nor have companions that SQLite would take for the copy's.
func (b Backup) target(database string) (string, error) {
	refused := func(code fault.Code, format string, args ...any) (string, error) {
		return "", fault.New(code, "%s: %s", b.File, fmt.Sprintf(format, args...))
	}
	name := b.File
	if followed, err := filepath.EvalSymlinks(name); err == nil {
		name = followed
	}
	for _, own := range append(companions(), "") {
		if same(name, database+own) {
			return refused(fault.Invalid, "it belongs to the database itself; choose another name")
		}
	}
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return refused(fault.Unavailable, "%s", reason(err))
	case !info.Mode().IsRegular():
		return refused(fault.Invalid, "it is no ordinary file; name a file, in a directory that is there")
	case !b.Overwrite:
		return refused(fault.Conflict, "it is there already; choose another name, or --force to replace it")
	}
	for _, ending := range companions() {
		if _, err := os.Lstat(name + ending); err == nil {
			return refused(fault.Conflict, "%s is beside it, so it is or was in use as a database; choose another name, or delete that file if it is a leftover", filepath.Base(name)+ending)
		}
	}
	return name, nil
}

// same says whether two names mean one file, be it there or not.
func same(a, b string) bool {
	here, errA := os.Stat(a)
	there, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(here, there)
	}
	return absolute(a) == absolute(b)
}

// absolute is the full name of a file, with the links of its directory followed.
func absolute(name string) string {
	if full, err := filepath.Abs(name); err == nil {
		name = full
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
		name = filepath.Join(dir, filepath.Base(name))
	}
	return name
}

// reason is what is wrong with a file, without its name.
func reason(err error) string {
	var place *fs.PathError
	if errors.As(err, &place) {
		err = place.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	return strings.TrimSpace(err.Error())
}
