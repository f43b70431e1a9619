package scaffold

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// zipapp packs the files of a project behind a line that names the interpreter.
// The same files give the same bytes.
func zipapp(dir, python string) ([]byte, error) {
	first := "#!" + python + "\n"
	b := bytes.NewBufferString(first)
	z := zip.NewWriter(b)
	z.SetOffset(int64(len(first)))
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch name := e.Name(); {
		case err != nil:
			return err
		case path == dir:
			return nil
		case e.IsDir() && (strings.HasPrefix(name, ".") || name == "__pycache__"):
			return fs.SkipDir
		case e.IsDir() || !packed(name):
			return nil
		}
		return pack(z, dir, path)
	})
	if err == nil {
		err = z.Close()
	}
	return b.Bytes(), err
}

// packed tells which files of a project its program needs.
func packed(name string) bool {
	for _, prefix := range []string{".", "test_"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	for _, suffix := range []string{".pyz", ".pyc", ".md"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return name != ManifestName
}

func pack(z *zip.Writer, dir, path string) error {
	info, err := os.Stat(path) // what a link points at
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return err
	}
	h := &zip.FileHeader{Name: filepath.ToSlash(name), Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(0o644)
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write(body)
	}
	return err
}
