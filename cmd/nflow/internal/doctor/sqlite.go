package doctor

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

// What makes a file worth a word.
const (
	bigWAL    = 256 << 20 // checkpoints keep it at a few MiB
	bigFree   = 64 << 20
	muchFree  = 4               // one part of so many
	checkTime = 5 * time.Second // for a check that nobody asked for
	fullTime  = 24 * time.Hour  // for one that somebody did
)

// sqliteFile looks into the SQLite file. What keeps it from being opened was
// said by the check before.
func sqliteFile(ctx context.Context, p Patient, f *Findings) {
	c := p.Config.Store
	if path := sqlitePath(c.DSN.Reveal()); c.Driver != sqlite || path == "" || !present(path) {
		return
	}
	s, err := wire.OpenUnmigrated(ctx, c, true)
	if err != nil {
		return
	}
	defer s.Close() //nolint:errcheck // nothing was written
	integrity(ctx, s, p.Full, f)
	found, err := s.Condition(ctx)
	if err != nil {
		f.fail("database file", "see database_nflow.dsn", "%s", err)
		return
	}
	space(found, f)
}

func integrity(ctx context.Context, s *sqlstore.Store, full bool, f *Findings) {
	const check = "database content"
	limit, kind := checkTime, "quick check"
	if full {
		limit, kind = fullTime, "full check"
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := time.Now()
	damage, err := s.CheckIntegrity(ctx, full)
	took := time.Since(start).Round(time.Millisecond)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		f.warn(check, "nflow doctor --full takes the time it needs", "the %s did not end within %s", kind, limit)
	case err != nil:
		f.fail(check, "see database_nflow.dsn", "%s", err)
	case len(damage) > 0:
		f.fail(check, "stop nflow and restore a backup (nflow restore)", "it is damaged: %s", strings.Join(damage, "; "))
	default:
		f.ok(check, "no damage (%s, %s)", kind, took)
	}
}

// space looks at how the file and the log beside it grow.
func space(c sqlstore.Condition, f *Findings) {
	const check, mib = "database file", 1 << 20
	free := int64(c.FreePages) * int64(c.PageBytes)
	switch {
	case c.WALBytes > bigWAL:
		f.warn(check, "end what reads the database for so long; a backup, sqlite3 or another program",
			"the log beside it (-wal) has grown to %d MiB", c.WALBytes/mib)
	case free > bigFree && c.FreePages > c.Pages/muchFree && !c.Shrinks:
		f.warn(check, offline, "%d of %d MiB are unused, and the file cannot shrink while it is served", free/mib, int64(c.Pages)*int64(c.PageBytes)/mib)
	case free > bigFree && c.FreePages > c.Pages/muchFree:
		f.ok(check, "%d of %d MiB are unused; they are given back little by little", free/mib, int64(c.Pages)*int64(c.PageBytes)/mib)
	case !c.Shrinks:
		f.warn(check, offline, "what is deleted leaves room for new rows, but the file never shrinks")
	case c.Journal != "wal":
		f.ok(check, "journal mode %s; serve makes it wal", c.Journal)
	default:
		f.ok(check, "journal mode wal, %d pages unused of %d", c.FreePages, c.Pages)
	}
}

// offline makes an existing file one that can shrink.
const offline = "to change that once, stop nflow, make a backup, and run the statements PRAGMA auto_vacuum = INCREMENTAL; VACUUM; with the sqlite3 program"
