package sqlstore

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// draft is a copy under a name of its own, until it is whole.
type draft struct{ name string }

// newDraft makes an empty file beside the one that it will become, for its
// owner only.
func newDraft(target string) (draft, error) {
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.part") // mode 0600
	if err != nil {
		return draft{}, unwritable(target, err)
	}
	d := draft{f.Name()}
	if err := f.Close(); err != nil {
		d.remove()
		return draft{}, unwritable(target, err)
	}
	return d, nil
}

func unwritable(name string, err error) error {
	return fault.Wrap(err, fault.Unavailable, "cannot write %s: %s; see that its directory is there, writable and has room", name, reason(err))
}

// remove leaves nothing behind. After publish there is nothing left.
func (d draft) remove() {
	for _, ending := range append(companions(), "") {
		_ = os.Remove(d.name + ending) // most are not there
	}
}

// fill copies a database into the draft, checks it and writes it to disk.
func (d draft) fill(ctx context.Context, source *link, progress func(done, total int)) (Copied, error) {
	if err := source.holdStill(ctx); err != nil {
		return Copied{}, err
	}
	target, err := d.open(ctx)
	if err != nil {
		return Copied{}, err
	}
	defer target.close()
	copied, err := copyPages(ctx, target, source, progress)
	if err != nil {
		return copied, err
	}
	// A file of its own: in WAL mode nobody could open it where nothing can be written.
	if err := target.exec(ctx, "PRAGMA journal_mode = DELETE"); err != nil {
		return copied, err
	}
	damage, err := damageOf(ctx, target.conn, true)
	if err != nil {
		return copied, target.fault(ctx, "check the copy", err)
	}
	if len(damage) > 0 {
		return copied, fault.New(fault.Internal, "the copy is damaged (%s), so the database or the disk is; see nflow doctor --full, "+
			"and restore an older backup", strings.Join(damage, "; "))
	}
	tables, err := target.tables(ctx)
	if err != nil {
		return copied, err
	}
	if !ofNflow(tables) { // it would be a backup that cannot be restored
		return copied, fault.New(fault.Invalid, "the database is not one of nflow: it has neither %s nor the designer's table nflow, so "+
			"there is nothing to back up", versionTable).AtField("database_nflow.dsn")
	}
	target.close()
	return copied, d.sync()
}

// open connects to the draft. Losing it is no loss: it needs no journal, and is
// synced once it is done.
func (d draft) open(ctx context.Context) (*link, error) {
	return openLink(ctx, uriOf(d.name), url.Values{"_journal_mode": {"MEMORY"}, "_synchronous": {"OFF"}})
}

func (d draft) sync() error {
	f, err := os.OpenFile(d.name, os.O_RDWR, 0)
	if err != nil {
		return unwritable(d.name, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return unwritable(d.name, err)
	}
	return nil
}

// publish gives the draft its name. Without overwrite, a file that somebody
// made meanwhile stays.
func (d draft) publish(target string, overwrite bool) error {
	rename := os.Rename
	if !overwrite {
		rename = renameNew
	}
	err := rename(d.name, target)
	if errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, fault.Conflict, "%s: somebody made it meanwhile; choose another name", target)
	}
	if err != nil {
		return unwritable(target, err)
	}
	return syncDir(target)
}

// renameNew is os.Rename that replaces nothing.
func renameNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// Some file systems have no links. There, the look comes before the leap.
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// syncDir makes the name of a file outlive a loss of power.
func syncDir(name string) error {
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return unwritable(name, err)
	}
	_ = dir.Sync() // some file systems do it by themselves, and refuse
	if err := dir.Close(); err != nil {
		return unwritable(name, err)
	}
	return nil
}
