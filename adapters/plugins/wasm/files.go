package wasm

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"github.com/tetratelabs/wazero"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// maxOpenFiles bounds the files one instance has open.
const maxOpenFiles = 64

// mounts are the directories guests see, by name there.
type mounts map[string]*os.Root

func openMounts(dirs map[string]string) (mounts, error) {
	m := mounts{}
	for guest, host := range dirs {
		root, err := os.OpenRoot(host)
		if err != nil {
			m.close()
			return nil, fault.Wrap(err, fault.Invalid, "cannot open the directory %s that plugins.grants.fs gives as %s: %v", host, guest, err)
		}
		m[guest] = root
	}
	return m, nil
}

func (m mounts) close() {
	for _, root := range m {
		_ = root.Close() // it was only read
	}
}

// config mounts the directories for one instance; nil when there are none.
func (m mounts) config(files *openFiles) wazero.FSConfig {
	if len(m) == 0 {
		return nil
	}
	c := wazero.NewFSConfig()
	for guest, root := range m {
		c = c.WithFSMount(readOnly{root, files}, guest)
	}
	return c
}

// readOnly is a directory whose files and directories can be read, no more.
// Links that lead out of it lead nowhere; devices and pipes, which may block,
// are not opened.
type readOnly struct {
	root  *os.Root
	files *openFiles
}

// Open implements fs.FS.
func (d readOnly) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if info, err := d.root.Stat(name); err != nil || !readable(info) {
		return nil, refusal(name, err)
	}
	if !d.files.room() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EMFILE}
	}
	// It may have become a pipe meanwhile, which must not be waited for.
	f, err := d.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !readable(info) {
		_ = f.Close() // nothing was read
		return nil, refusal(name, err)
	}
	file := &readFile{file: f, files: d.files}
	d.files.add(file)
	return file, nil
}

func readable(info fs.FileInfo) bool { return info.Mode().IsRegular() || info.IsDir() }

// refusal is err, or that of a file that is neither regular nor a directory.
func refusal(name string, err error) error {
	if err != nil {
		return err
	}
	return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

// openFiles are those of one instance.
type openFiles struct {
	mu   sync.Mutex
	open map[*readFile]struct{}
}

func (o *openFiles) room() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.open) < maxOpenFiles
}

func (o *openFiles) add(f *readFile) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		o.open = map[*readFile]struct{}{}
	}
	o.open[f] = struct{}{}
}

// close closes what the guest left open.
func (o *openFiles) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for f := range o.open {
		_ = f.file.Close() // it was only read
	}
	o.open = nil
}

// readFile hides all of an *os.File but reading.
type readFile struct {
	file  *os.File
	files *openFiles
}

var _ interface {
	fs.ReadDirFile
	io.ReaderAt
	io.Seeker
} = (*readFile)(nil)

func (f *readFile) Stat() (fs.FileInfo, error)                   { return f.file.Stat() }
func (f *readFile) Read(b []byte) (int, error)                   { return f.file.Read(b) }
func (f *readFile) ReadAt(b []byte, at int64) (int, error)       { return f.file.ReadAt(b, at) }
func (f *readFile) Seek(offset int64, whence int) (int64, error) { return f.file.Seek(offset, whence) }
func (f *readFile) ReadDir(n int) ([]fs.DirEntry, error)         { return f.file.ReadDir(n) }

// Close implements fs.File.
func (f *readFile) Close() error {
	f.files.mu.Lock()
	delete(f.files.open, f)
	f.files.mu.Unlock()
	if err := f.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
