package sqlstore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// Restore is an order to put a backup in the place of a SQLite database.
type Restore struct {
	// File is the backup, or any other SQLite database of nflow. It is only read.
	File string
	// Discard keeps no copy of the database that is replaced.
	Discard bool
	// Progress is told now and then how many pages have been copied, of how many.
	// Default nobody.
	Progress func(done, total int)
}

// Restored is what a restoration did.
type Restored struct {
	Copied
	// Kept is the file with the database as it was before; empty = none.
	Kept string
	// Pending are the migrations that the next start applies.
	Pending []string
}

// ReplaceBy makes a checked backup the SQLite database. The file itself stays,
// with its owner and rights; its content is replaced in one transaction of
// SQLite, so whatever happens it is the old database or the new one. While it
// lasts nobody else can use the file.
//
// Faults: invalid (File or the configured database is not a whole SQLite
// database of nflow), not_found (no File), precondition_failed (a newer nflow
// made File), conflict (somebody uses the database), unavailable, internal (the
// database is damaged in a way that keeps it from being locked).
func ReplaceBy(ctx context.Context, config Config, order Restore) (Restored, error) {
	var done Restored
	config = config.withDefaults()
	database, err := fileOf(config)
	if err != nil {
		return done, err
	}
	candidate, err := openCandidate(ctx, order.File, database)
	if err != nil {
		return done, err
	}
	defer candidate.close()
	if done.Pending, err = candidate.check(ctx); err != nil {
		return done, err
	}
	lock, err := lockWhole(ctx, config, database)
	if err != nil {
		return done, err
	}
	defer lock.close()
	if !order.Discard && !lock.fresh {
		if done.Kept, err = lock.keep(ctx, database); err != nil {
			return done, err
		}
	}
	done.Copied, err = copyPages(ctx, lock.link, candidate.link, order.Progress)
	if err != nil {
		lock.giveUp(done.Kept, database)
		done.Kept = ""
		return done, err
	}
	return done, lock.verify(context.WithoutCancel(ctx), done.Kept)
}

// keep copies the database as it is, damage and all, beside it.
func (l *seizure) keep(ctx context.Context, database string) (string, error) {
	stem := database + ".before-restore-" + time.Now().UTC().Format("20060102-150405")
	name := stem
	for n := 2; taken(name); n++ {
		name = stem + "-" + digits(n)
	}
	d, err := newDraft(name)
	if err != nil {
		return "", err
	}
	defer d.remove()
	if err := d.copy(ctx, l.link); err != nil {
		return "", err
	}
	return name, d.publish(name, false)
}

// copy is fill without a look at what is copied.
func (d draft) copy(ctx context.Context, source *link) error {
	target, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer target.close()
	if _, err := copyPages(ctx, target, source, nil); err != nil {
		return err
	}
	target.close()
	return d.sync()
}

func taken(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}
