package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// runDir is the directory of this instance of the server inside Config.RunDir.
// A locked file in it says that the instance lives: the kernel drops the lock
// with the process, however that ends.
type runDir struct {
	path string
	lock *os.File

	mu   sync.Mutex
	last int
}

const (
	instancePrefix = "i"
	lockName       = "lock"
	// socketBytes is what a path of a socket may have, its end not counted, and
	// socketName the longest name that go-plugin gives below a plugin's directory.
	socketBytes = 107
	socketName  = "/plugin-dir1234567890/plugin1234567890"
)

// openRunDir makes the directory of this instance and removes what dead
// instances left, their processes included.
func openRunDir(base string) (*runDir, error) {
	if err := makePrivate(base); err != nil {
		return nil, err
	}
	// Instances that begin at the same moment must not take each other's new
	// directory for a dead one.
	boot, err := lockFile(filepath.Join(base, lockName), true)
	if err != nil {
		return nil, fmt.Errorf("cannot lock plugin_host.run_dir: %w", err)
	}
	defer boot.Close() //nolint:errcheck // nothing was written
	sweep(base)
	path, err := os.MkdirTemp(base, instancePrefix)
	if err != nil {
		return nil, fmt.Errorf("plugin_host.run_dir cannot be used: %w", err)
	}
	if longest := len(path) + len("/1000") + len(socketName); longest > socketBytes {
		_ = os.Remove(path) // empty
		return nil, fmt.Errorf("plugin_host.run_dir = %q is too long: sockets below it would have paths of %d bytes, and the system allows %d; choose a shorter one", base, longest, socketBytes)
	}
	lock, err := lockFile(filepath.Join(path, lockName), false)
	if err != nil {
		_ = os.RemoveAll(path) // only the lock is in it
		return nil, fmt.Errorf("plugin_host.run_dir cannot be used: %w", err)
	}
	return &runDir{path: path, lock: lock}, nil
}

// makePrivate makes sure that nobody else can put a socket or a program there.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("plugin_host.run_dir cannot be made: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("plugin_host.run_dir cannot be used: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("plugin_host.run_dir = %q is no directory", dir)
	}
	if !private(info) {
		return fmt.Errorf("plugin_host.run_dir = %q is open to others (mode %04o); it must belong to the server's user with mode 0700", dir, info.Mode().Perm())
	}
	return nil
}

// sweep removes instances that nobody holds the lock of.
func sweep(base string) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return // openRunDir finds out
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), instancePrefix) {
			continue
		}
		dir := filepath.Join(base, e.Name())
		lock, err := lockFile(filepath.Join(dir, lockName), false)
		if err != nil {
			continue // it lives, or nobody can tell
		}
		killOrphans(dir)
		_ = os.RemoveAll(dir) // what stays is swept the next time
		_ = lock.Close()      // nothing was written
	}
}

// pluginDir makes the directory of one plugin.
func (d *runDir) pluginDir() (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last++
	path := filepath.Join(d.path, strconv.Itoa(d.last))
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", fmt.Errorf("plugin_host.run_dir cannot be used: %w", err)
	}
	return path, nil
}

func (d *runDir) close() error {
	err := os.RemoveAll(d.path)
	return errors.Join(err, d.lock.Close())
}
