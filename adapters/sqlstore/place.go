package sqlstore

import (
	"errors"
	"io/fs"
	"os"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// place is the file of a SQLite database, as it was when it was opened.
type place struct {
	name string
	info fs.FileInfo
}

// remember notes which file has the name now; nil for a database that has none.
func remember(name string) *place {
	if name == "" {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil
	}
	return &place{name, info}
}

// inPlace fails when somebody deleted or replaced the file. SQLite would go on with
// the old one, which nobody finds again: what is acknowledged would be lost.
func (s *Store) inPlace() error {
	if s.place == nil {
		return nil
	}
	info, err := os.Stat(s.place.name)
	if err == nil && os.SameFile(info, s.place.info) || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fault.New(fault.Unavailable, "the database file was deleted or replaced while it was open; put it back, or restart nflow").
		AtField("database_nflow.dsn")
}
