//go:build !unix

package process

import (
	"errors"
	"os"
)

var errLocked = errors.New("another instance holds the lock")

// lockFile opens a file, without a lock: this system has none, so leftovers of
// dead instances stay.
func lockFile(path string, wait bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil && !wait {
		if info, err := f.Stat(); err == nil && info.Size() > 0 {
			return nil, errors.Join(errLocked, f.Close())
		}
		_, err = f.WriteString("in use")
	}
	return f, err
}

// private cannot tell on this system.
func private(os.FileInfo) bool { return true }
