//go:build linux

package wasm_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	w "github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/wasmtest"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// childConfig compiles in children.
func childConfig(t testing.TB) wasm.Config {
	return wasm.Config{CacheDir: filepath.Join(t.TempDir(), "cache"), Compiler: self("plugin-compile"), Log: quiet(), CompileTime: time.Minute}
}

// entries lists the files of a cache with the times they were written.
func entries(t testing.TB, dir string) map[string]time.Time {
	t.Helper()
	found := map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		found[path] = info.ModTime()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestCache shows that what a child compiled is loaded and not compiled again
// here: compiling would write a file, or write one again.
func TestCache(t *testing.T) {
	cfg := childConfig(t)
	spec := specOf(fixed().Bytes())
	l, err := wasm.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Prepare(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	before := entries(t, cfg.CacheDir)
	if len(before) != 1 {
		t.Fatalf("the child left %d files: %v", len(before), before)
	}
	for range 2 {
		p, err := wasm.OpenTransport(t.Context(), spec, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), p); err != nil {
			t.Error(err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for path, when := range entries(t, cfg.CacheDir) {
		if !before[path].Equal(when) {
			t.Errorf("%s was written again", path)
		}
	}
	info, err := os.Stat(cfg.CacheDir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the cache has mode %v, %v", info.Mode(), err)
	}
}

// TestCacheDamaged compiles again what cannot be read.
func TestCacheDamaged(t *testing.T) {
	for _, damage := range []string{"", "garbage that is no cache entry at all"} {
		cfg := childConfig(t)
		l, err := wasm.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		spec := specOf(fixed().Bytes())
		if err := l.Prepare(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
		for path := range entries(t, cfg.CacheDir) {
			if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p, err := wasm.OpenTransport(t.Context(), spec, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), p); err != nil {
			t.Error(err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestCacheWritableByOthers(t *testing.T) {
	cfg := childConfig(t)
	if err := os.MkdirAll(cfg.CacheDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(cfg.CacheDir, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := wasm.OpenTransport(t.Context(), specOf(fixed().Bytes()), cfg)
	wantFault(t, err, fault.Unavailable, "writable by others", "plugin_host.cache_dir", "chmod 700")
}

// TestCacheThatOthersCanReplace: who may write into the directory around the
// cache can put their own in its place, unless it is sticky. Links are followed.
func TestCacheThatOthersCanReplace(t *testing.T) {
	around := filepath.Join(t.TempDir(), "around")
	if err := os.MkdirAll(filepath.Join(around, "cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(around, "cache"), link); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		mode os.FileMode
		fits bool
	}{{0o700, true}, {0o777, false}, {0o777 | os.ModeSticky, true}} {
		if err := os.Chmod(around, row.mode); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{filepath.Join(around, "cache"), link} {
			cfg := childConfig(t)
			cfg.CacheDir = dir
			p, err := wasm.OpenTransport(t.Context(), specOf(fixed().Bytes()), cfg)
			if !row.fits {
				wantFault(t, err, fault.Unavailable, "others can replace", "plugin_host.cache_dir")
				continue
			}
			if err != nil {
				t.Fatalf("%v: %v", row.mode, err)
			}
			if err := p.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCacheIsTrimmed(t *testing.T) {
	cfg := childConfig(t)
	cfg.CacheModules = 2
	old := time.Now().Add(-48 * time.Hour)
	var made []string
	for i := range 4 {
		dir := filepath.Join(cfg.CacheDir, strings.Repeat(string(rune('a'+i)), 64))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, old, old.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
		made = append(made, dir)
	}
	other := filepath.Join(cfg.CacheDir, "somebody-elses")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(other, old, old); err != nil {
		t.Fatal(err)
	}
	l, err := wasm.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Prepare(t.Context(), specOf(fixed().Bytes())); err != nil {
		t.Fatal(err)
	}
	for _, dir := range made {
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s is still there", dir)
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("what is not ours is gone: %v", err)
	}
}

// bomb is a module of some 30 KB that takes a minute to compile: many loops, one
// in the other, and many variables that each of them may change.
func bomb() []byte {
	const locals, loops = 1_500, 1_500
	var code []byte
	for range loops {
		code = append(code, 0x03, 0x40)
	}
	for i := range uint32(locals) {
		code = append(code, w.Code(w.Get(i), w.I32(1), w.Op(0x6a), w.Set(i))...)
	}
	for range loops {
		code = append(code, w.Code(w.Get(0), w.Op(0x0d, 0, 0x0b))...)
	}
	p := fixed()
	p.Funcs = []w.Func{{Type: w.TypeNone, Locals: append(w.U32(nil, locals), 0x7f), Code: code}}
	return p.Bytes()
}

// heavy is a module that takes much memory to compile.
func heavy() []byte {
	p := fixed()
	code := bytes.Repeat(w.Code(w.Get(0), w.Get(0), w.Op(0x6a), w.Set(0)), 150_000)
	for range 45 {
		p.Funcs = append(p.Funcs, w.Func{Type: w.TypeNone, Locals: []byte{1, 0x7f}, Code: code})
	}
	return p.Bytes()
}

func TestCompileBombs(t *testing.T) {
	if small := bomb(); len(small) > 32<<10 {
		t.Fatalf("the bomb has %d bytes", len(small))
	}
	tests := []struct {
		name   string
		module []byte
		change func(c *wasm.Config)
		says   string
	}{
		{"time", bomb(), func(c *wasm.Config) { c.CompileTime = 700 * time.Millisecond }, "700ms to compile"},
		{"memory", heavy(), func(c *wasm.Config) { c.CompileMemory = 16 << 20 }, "16 MiB of memory to compile"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if raceDetector && tt.name == "memory" {
				t.Skip("no limit on memory holds with the race detector")
			}
			cfg := childConfig(t)
			tt.change(&cfg)
			start := time.Now()
			_, err := wasm.OpenTransport(t.Context(), specOf(tt.module), cfg)
			wantFault(t, err, fault.LimitExceeded, tt.says, "plugins.engine", "plugin p")
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestCompileCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := wasm.OpenTransport(ctx, specOf(bomb()), childConfig(t))
	wantFault(t, err, fault.Cancelled)
}

func TestCompileFails(t *testing.T) {
	invalid := fixed()
	invalid.Call = w.Op() // no result
	tests := []struct {
		name     string
		compiler wasm.Command
		module   []byte
		code     fault.Code
		says     string
	}{
		{"an invalid module", self("plugin-compile"), invalid.Bytes(), fault.Invalid, "not enough results"},
		{"no such program", wasm.Command{Path: "/nowhere/nflow"}, fixed().Bytes(), fault.Unavailable, "/nowhere/nflow"},
		{"a crash", self("crash"), fixed().Bytes(), fault.Unavailable, "no compiler"},
		{"nothing said", self("silent"), fixed().Bytes(), fault.Unavailable, "said nothing"},
		{"unknown options", self("plugin-compile", "-what"), fixed().Bytes(), fault.Unavailable, "-what"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := childConfig(t)
			cfg.Compiler = tt.compiler
			_, err := wasm.OpenTransport(t.Context(), specOf(tt.module), cfg)
			wantFault(t, err, tt.code, tt.says)
		})
	}
}
