//go:build unix

package system_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/system"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func openFiles(t *testing.T, limit int64) (*system.Files, string) {
	t.Helper()
	top := t.TempDir()
	dir := filepath.Join(top, "scripts")
	for name, content := range map[string]string{"scripts/a.txt": "a", "scripts/sub/b.txt": "b", "secret.txt": "secret"} {
		full := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"out": "../secret.txt", "absolute": filepath.Join(top, "secret.txt"), "updir": "..", "inside": "a.txt", "topipe": "pipe", "device": "/dev/zero", "loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := system.NewFiles(dir, system.FilesConfig{MaxBytes: limit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, top
}

func TestRead(t *testing.T) {
	f, top := openFiles(t, 100)
	for _, tt := range []struct {
		name, file, want string
		code             fault.Code
	}{
		{"a file", "a.txt", "a", ""},
		{"in a directory", "sub/b.txt", "b", ""},
		{"through dots that stay inside", "sub/../a.txt", "a", ""},
		{"a link that stays inside", "inside", "a", ""},
		{"missing", "none.txt", "", fault.NotFound},
		{"a directory", "sub", "", fault.Forbidden},
		{"a pipe", "pipe", "", fault.Forbidden},
		{"a link to a pipe", "topipe", "", fault.Forbidden},
		{"a device", "device", "", fault.Forbidden},
		{"a link to itself", "loop", "", fault.Forbidden},
		{"through a file", "a.txt/b", "", fault.Forbidden},
		{"empty name", "", "", fault.Invalid},
		{"the directory itself", ".", "", fault.Forbidden},
		{"absolute", filepath.Join(top, "secret.txt"), "", fault.Invalid},
		{"dots", "../secret.txt", "", fault.Forbidden},
		{"hidden dots", "sub/../../secret.txt", "", fault.Forbidden},
		{"a link out", "out", "", fault.Forbidden},
		{"an absolute link out", "absolute", "", fault.Forbidden},
		{"a directory link out", "updir/secret.txt", "", fault.Forbidden},
		{"zero byte", "a.txt\x00", "", fault.Invalid},
		{"backslash", `..\secret.txt`, "", fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := f.Read(tt.file)
			if string(b) != tt.want || fault.CodeOf(err) != tt.code {
				t.Errorf("Read(%q) = %q, %v; want %q, code %q", tt.file, b, err, tt.want, tt.code)
			}
			if err != nil && !filepath.IsAbs(tt.file) && strings.Contains(err.Error(), top) {
				t.Errorf("the message shows a path of the machine: %v", err)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	f, top := openFiles(t, 100)
	for _, tt := range []struct {
		name, file string
		code       fault.Code
	}{
		{"new", "new.txt", ""},
		{"over another", "a.txt", ""},
		{"in a new directory", "x/y/new.txt", ""},
		{"dots", "../secret.txt", fault.Forbidden},
		{"through a link", "updir/secret.txt", fault.Forbidden},
		{"new through a link", "updir/new.txt", fault.Forbidden},
		{"over a directory", "sub", fault.Forbidden},
		{"over a link out", "out", ""}, // the link is replaced, not followed
		{"over a pipe", "pipe", ""},    // as is a pipe
		{"below a link to itself", "loop/x", fault.Forbidden},
		{"below a file", "inside/x", fault.Forbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := f.Write(tt.file, []byte("written"))
			if fault.CodeOf(err) != tt.code {
				t.Fatalf("Write: %v, want code %q", err, tt.code)
			}
			if b, _ := f.Read(tt.file); tt.code == "" && string(b) != "written" {
				t.Errorf("read back %q", b)
			}
		})
	}
	if b, _ := os.ReadFile(filepath.Join(top, "secret.txt")); string(b) != "secret" {
		t.Errorf("the file outside now holds %q", b)
	}
	drafts, _ := filepath.Glob(filepath.Join(top, "scripts", "*.tmp"))
	if len(drafts) > 0 {
		t.Errorf("drafts were left behind: %v", drafts)
	}
}

func TestFileSizesAreBounded(t *testing.T) {
	f, top := openFiles(t, 4)
	if err := f.Write("four", []byte("1234")); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(top, "scripts", "five"), []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"write": f.Write("x", []byte("12345")),
		"read":  func() error { _, err := f.Read("five"); return err }(),
	} {
		if got := fault.As(err); got == nil || got.Code != fault.LimitExceeded || got.Limit != "limits.max_payload_bytes" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadersNeverSeeHalfAFile(t *testing.T) {
	f, _ := openFiles(t, 1<<20)
	contents := [][]byte{bytes.Repeat([]byte{'a'}, 1<<16), bytes.Repeat([]byte{'b'}, 1<<16)}
	if err := f.Write("shared", contents[0]); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, content := range contents {
		wg.Go(func() {
			for range 50 {
				if err := f.Write("shared", content); err != nil {
					t.Error(err)
				}
				got, err := f.Read("shared")
				if err != nil || (!bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1])) {
					t.Errorf("read %d mixed bytes, %v", len(got), err)
				}
			}
		})
	}
	wg.Wait()
}

func TestNewFilesNeedsADirectory(t *testing.T) {
	if _, err := system.NewFiles(filepath.Join(t.TempDir(), "none"), system.FilesConfig{}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

// A program that runs in the directory may put a pipe where a file was.
func TestReadNeverWaitsForAPipe(t *testing.T) {
	f, top := openFiles(t, 100)
	file, pipe := filepath.Join(top, "scripts", "a.txt"), filepath.Join(top, "scripts", "pipe")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 2000 {
			if b, err := f.Read("swapped"); err == nil && string(b) != "a" {
				t.Errorf("read %q", b)
			}
		}
	}()
	draft := filepath.Join(top, "scripts", "draft")
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
			_ = os.Link([]string{file, pipe}[i%2], draft)
			_ = os.Rename(draft, filepath.Join(top, "scripts", "swapped"))
		}
	}
}
