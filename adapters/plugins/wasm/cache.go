package wasm

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// keepCached is how long what was used stays cached in any case, so that two
// servers with one directory do not take modules from each other as they start.
const keepCached = time.Hour

// cacheDir makes the directory of one module, below that of all.
func cacheDir(cfg Config, module []byte) (string, error) {
	if err := privateDir(cfg.CacheDir); err != nil {
		return "", err
	}
	if err := keptInPlace(cfg.CacheDir); err != nil {
		return "", err
	}
	sum := sha256.Sum256(module)
	dir := filepath.Join(cfg.CacheDir, hex.EncodeToString(sum[:]))
	if err := privateDir(dir); err != nil {
		return "", err
	}
	now := time.Now()
	if err := os.Chtimes(dir, now, now); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "cannot use the cache of plugins %s", dir)
	}
	return dir, nil
}

// privateDir makes sure that nobody else can write into a directory.
func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(err, fault.Unavailable, "cannot make the cache of plugins %s (plugin_host.cache_dir): %v", dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "cannot use the cache of plugins %s (plugin_host.cache_dir): %v", dir, err)
	}
	if foreign(info) {
		return fault.New(fault.Unavailable, "the cache of plugins %s (plugin_host.cache_dir) is writable by others, who could put code into this server; chmod 700 it and make it this user's own", dir)
	}
	return nil
}

// keptInPlace makes sure that nobody else can put another directory in the place
// of the cache, after it was found to be private.
func keptInPlace(dir string) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "cannot use the cache of plugins (plugin_host.cache_dir): %v", err)
	}
	parent := filepath.Dir(dir)
	info, err := os.Stat(parent)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "cannot use the cache of plugins %s (plugin_host.cache_dir): %v", dir, err)
	}
	if replaceable(info) {
		return fault.New(fault.Unavailable, "others can replace the cache of plugins %s (plugin_host.cache_dir), and so put code into this server, as %s is not this user's own or all may write there; choose another one", dir, parent)
	}
	return nil
}

// trimCache removes the modules that were not used for longest.
func trimCache(cfg Config) {
	type entry struct {
		path string
		used time.Time
	}
	list, err := os.ReadDir(cfg.CacheDir)
	if err != nil {
		return // the next one tries again
	}
	var old []entry
	for _, e := range list {
		if info, err := e.Info(); err == nil && isModuleDir(e) && time.Since(info.ModTime()) > keepCached {
			old = append(old, entry{filepath.Join(cfg.CacheDir, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(old, func(a, b entry) int { return a.used.Compare(b.used) })
	for i := 0; i < len(old) && len(list)-i > cfg.CacheModules; i++ {
		_ = os.RemoveAll(old[i].path) // what stays is tried again
	}
}

// isModuleDir recognizes our own directories, so that no other is ever removed.
func isModuleDir(e fs.DirEntry) bool {
	raw, err := hex.DecodeString(e.Name())
	return err == nil && len(raw) == sha256.Size && e.IsDir()
}
