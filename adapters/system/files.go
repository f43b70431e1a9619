package system

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Files = (*Files)(nil)

const (
	fileMode = 0o600
	dirMode  = 0o750
)

// FilesConfig bounds what one call may move.
type FilesConfig struct {
	MaxBytes int64 // size of a file read or written; default 16 MiB
}

// Files is one directory. The kernel resolves every name inside of it, so
// neither ".." nor a symbolic link leads outside, not even one that is put
// there while a name is being looked up.
type Files struct {
	root     *os.Root
	maxBytes int64
}

// NewFiles opens a directory, which must exist. It fails with code invalid.
func NewFiles(dir string, cfg FilesConfig) (*Files, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the scripts' directory %q cannot be opened: %s", dir, reason(err))
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 16 << 20
	}
	return &Files{root: root, maxBytes: cfg.MaxBytes}, nil
}

// Close releases the directory.
func (f *Files) Close() error { return f.root.Close() }

// Read returns a regular file. Faults: invalid (not a relative name),
// not_found, forbidden (it leads outside or is not a regular file),
// limit_exceeded with limit limits.max_payload_bytes.
func (f *Files) Read(name string) ([]byte, error) {
	local, err := localName(name)
	if err != nil {
		return nil, err
	}
	// Asked before opening, because opening a device may do something, and again
	// afterwards, because a program may have put something else there. Opening a
	// named pipe does not wait for somebody to write.
	info, err := f.root.Stat(local)
	if err != nil {
		return nil, fileFault(err, name)
	}
	if !info.Mode().IsRegular() {
		return nil, irregular(name)
	}
	file, err := f.root.OpenFile(local, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, fileFault(err, name)
	}
	defer func() { _ = file.Close() }() // nothing was written, so nothing can be lost
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, irregular(name)
	}
	content, err := io.ReadAll(io.LimitReader(file, f.maxBytes+1))
	if err != nil {
		return nil, fileFault(err, name)
	}
	if int64(len(content)) > f.maxBytes {
		return nil, f.tooLarge(name)
	}
	return content, nil
}

// Write replaces or makes a file, and the directories it stands in. A reader
// sees the old or the new content, never a part. Faults are those of Read.
func (f *Files) Write(name string, content []byte) error {
	local, err := localName(name)
	if err != nil {
		return err
	}
	if int64(len(content)) > f.maxBytes {
		return f.tooLarge(name)
	}
	if dir := filepath.Dir(local); dir != "." {
		if err := f.root.MkdirAll(dir, dirMode); err != nil {
			return fileFault(err, name)
		}
	}
	draft := local + "." + Identifiers{}.Secret()[:8] + ".tmp"
	err = f.root.WriteFile(draft, content, fileMode)
	if err == nil {
		err = f.root.Rename(draft, local)
	}
	if err != nil {
		_ = f.root.Remove(draft) // there may be none; the first failure is the one to tell
		return fileFault(err, name)
	}
	return nil
}

func (f *Files) tooLarge(name string) error {
	return fault.New(fault.LimitExceeded, "the file %q is larger than %d bytes", name, f.maxBytes).OverLimit("limits.max_payload_bytes")
}

func irregular(name string) error {
	return fault.New(fault.Forbidden, "%q is not a regular file", name)
}

// localName turns a slash separated name into one of this system.
func localName(name string) (string, error) {
	clean := path.Clean(name)
	if name == "" || strings.ContainsAny(name, "\x00\\") || path.IsAbs(name) {
		return "", fault.New(fault.Invalid, "%q is not a relative, slash separated file name", name)
	}
	local := filepath.FromSlash(clean)
	if clean == "." || !filepath.IsLocal(local) {
		return "", fault.New(fault.Forbidden, "the file name %q leads outside of the scripts' directory", name)
	}
	return local, nil
}

func fileFault(err error, name string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "there is no file %q", name)
	}
	return fault.Wrap(err, fault.Forbidden, "the file %q cannot be used: %s", name, reason(err))
}

// reason is the system's word on a failure, without paths of the machine.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err.Error()
	}
	return err.Error()
}
