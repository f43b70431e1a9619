package preflight_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/preflight"
	w "github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/wasmtest"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

const memory = 4 << 20

func fixed() w.Plugin { return w.Fixed(`{}`, `1`) }

// with is a plugin after a change.
func with(change func(p *w.Plugin)) []byte {
	p := fixed()
	change(&p)
	return p.Bytes()
}

func TestAccepts(t *testing.T) {
	vector := w.Code(w.Op(0xfd, 12), make([]byte, 16), w.Drop())
	tests := []struct {
		name   string
		module []byte
	}{
		{"the least", fixed().Bytes()},
		{"other exports", with(func(p *w.Plugin) { p.Exports = []w.Export{{Name: "malloc", Index: w.Call}} })},
		{"an initializer", with(func(p *w.Plugin) {
			p.Funcs = []w.Func{{Type: w.TypeNone}}
			p.Exports = []w.Export{{Name: "_initialize", Index: w.First}}
		})},
		{"a function of WASI", with(func(p *w.Plugin) {
			p.Imports = []w.Import{{Module: "wasi_snapshot_preview1", Name: "sched_yield", Desc: []byte{w.TypeGet}}}
		})},
		{"vectors", with(func(p *w.Plugin) { p.Call = w.Code(vector, p.Call) })},
		{"a number padded by a linker", with(func(p *w.Plugin) {
			p.Call = w.Code(w.Op(0x10, 0x80, 0x80, 0x80, 0x80, 0), w.Drop(), p.Call)
		})},
		{"memory up to the limit", with(func(p *w.Plugin) { p.Memory = []byte{0, memory >> 16} })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := preflight.Check(tt.module, preflight.Defaults(memory))
			if err != nil {
				t.Fatal(err)
			}
			again, err := preflight.Check(out, preflight.Defaults(memory))
			if err != nil {
				t.Fatalf("what came out is refused: %v", err)
			}
			if len(again) < len(out) {
				t.Errorf("%d bytes became %d", len(out), len(again))
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	const i32 = 0x7f
	whole := fixed().Bytes()
	imported := func(module, name string, kind byte, desc ...byte) []byte {
		return with(func(p *w.Plugin) { p.Imports = []w.Import{{Module: module, Name: name, Kind: kind, Desc: desc}} })
	}
	coded := func(code ...byte) []byte { return with(func(p *w.Plugin) { p.Call = code }) }
	tests := []struct {
		name   string
		module []byte
		says   string
	}{
		{"nothing", nil, "no WebAssembly module"},
		{"a program for Linux", []byte("\x7fELF\x02\x01\x01\x00\x00"), "no WebAssembly module"},
		{"a component", []byte("\x00asm\x0d\x00\x01\x00"), "WebAssembly component; build a core module"},
		{"version 2", []byte("\x00asm\x02\x00\x00\x00"), "02 00 00 00"},
		{"an empty module", whole[:8], `export its memory as "memory"`},
		{"cut off", whole[:len(whole)-3], "ends too early"},
		{"an unknown section", w.Section(whole[:8:8], 13, nil), "section 13 is unknown"},
		{"a section twice", w.Section(w.Section(whole[:8:8], 1, []byte{0}), 1, []byte{0}), "stands twice"},
		{"sections in the wrong order", w.Section(w.Section(whole[:8:8], 3, []byte{0}), 1, []byte{0}), "stands twice, or behind"},
		{"a section too long", w.Section(whole[:8:8], 1, []byte{0, 0}), "1 bytes too many"},
		{"a number of 36 bits", append(whole[:8:8], 1, 0xff, 0xff, 0xff, 0xff, 0x1f), "more than 32 bits"},
		{"a number without an end", append(whole[:8:8], 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0), "more than 32 bits"},
		{"a count nobody can keep", w.Section(whole[:8:8], 1, []byte{0xff, 0x4d}), "9983 function types are announced"},
		{"a million types", w.Section(whole[:8:8], 1, w.U32(nil, 1_000_000)), "at most 10000"},
		{"many parameters", w.Section(whole[:8:8], 1, append([]byte{1, 0x60}, w.U32(nil, 300)...)), "at most 200"},
		{"a type of the garbage collection", w.Section(whole[:8:8], 1, []byte{1, 0x5f, 0}), "no function type"},
		{"an import nobody has", imported("nflow_v1", "input_size", 0, w.TypeGet), "nflow_v1.input_size, which does not exist; there are host_call"},
		{"an import with another type", imported("nflow_v1", "input_len", 0, w.TypeNone), "as (), but it is () -> i32"},
		{"an import of WASI nobody has", imported("wasi_snapshot_preview1", "fork", 0, w.TypeGet), "wasi_snapshot_preview1.fork, which does not exist"},
		{"an undefined function of C", imported("env", "printf", 0, w.TypeMap), "env.printf"},
		{"an import for browsers", imported("gojs", "runtime.wasmExit", 0, w.TypeMap), "GOOS=wasip1"},
		{"an imported memory", imported("env", "memory", 2, 0, 1), "imports the memory env.memory; only functions"},
		{"an imported table", imported("env", "table", 1, 0x70, 0, 1), "imports the table"},
		{"an imported global", imported("env", "g", 3, i32, 0), "imports the global"},
		{"no memory exported", with(func(p *w.Plugin) { p.Without = "memory" }), `memory as "memory"`},
		{"no version", with(func(p *w.Plugin) { p.Without = "nflow_abi_version" }), "export the function nflow_abi_version () -> i32"},
		{"no call", with(func(p *w.Plugin) { p.Without = "nflow_call" }), "export the function nflow_call () -> i32"},
		{"a program", with(func(p *w.Plugin) {
			p.Without, p.Exports = "nflow_call", []w.Export{{Name: "_start", Index: w.Call}}
		}), "is a program"},
		{"a call with another type", with(func(p *w.Plugin) {
			p.Without = "nflow_call"
			p.Exports = []w.Export{{Name: "nflow_call", Index: w.InputRead}}
		}), "nflow_call is a function (i32, i32) -> i32; it must be () -> i32"},
		{"an export twice", with(func(p *w.Plugin) { p.Exports = []w.Export{{Name: "memory", Kind: 2}} }), "exported twice"},
		{"an export of nothing", with(func(p *w.Plugin) { p.Exports = []w.Export{{Name: "x", Index: 99}} }), `"x" is a function that is not there`},
		{"too much memory", with(func(p *w.Plugin) { p.Memory = []byte{0, memory>>16 + 1} }), "plugins.memory_mb allows 4096"},
		{"shared memory", with(func(p *w.Plugin) { p.Memory = []byte{3, 1, 2} }), "shared or has 64-bit"},
		{"two memories", with(func(p *w.Plugin) { p.Memory = []byte{0, 1, 0, 1}; p.Custom = nil }), "too many"},
		{"a huge table", with(func(p *w.Plugin) { p.Tables = append([]byte{1, 0x70, 0}, w.U32(nil, 1<<20)...) }), "elements of tables"},
		{"a start that is not there", with(func(p *w.Plugin) { p.Start = 99 }), "the start function is function 99"},
		{"many variables", with(func(p *w.Plugin) {
			p.Funcs = []w.Func{{Type: w.TypeNone, Locals: append(w.U32(nil, 1<<30), i32)}}
		}), "variables of one function: 1073741824"},
		{"a tail call", coded(0x12, 0), "tail calls"},
		{"threads", coded(0xfe, 0, 0), "threads"},
		{"exceptions", coded(0x06, 0x40), "exceptions"},
		{"no instruction", coded(0xff), "no instruction"},
		{"code without an end", coded(0x02, 0x40), "ends too early"},
		{"code behind the end", coded(0x0b, 0x01), "too many"},
		{"a br_table of millions", coded(append([]byte{0x0e}, w.U32(nil, 1<<22)...)...), "labels of a br_table"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := preflight.Check(tt.module, preflight.Defaults(memory))
			f := fault.As(err)
			if f == nil {
				t.Fatal("it was let through")
			}
			if want := map[bool]string{true: "plugins.memory_mb"}[f.Code == fault.LimitExceeded]; f.Limit != want {
				t.Errorf("code %s, limit %q", f.Code, f.Limit)
			}
			if !strings.Contains(f.Message, tt.says) {
				t.Errorf("message %q does not say %q", f.Message, tt.says)
			}
		})
	}
}

func TestFileSize(t *testing.T) {
	l := preflight.Defaults(memory)
	l.FileBytes = 100
	_, err := preflight.Check(fixed().Bytes(), l)
	if err == nil || !strings.Contains(err.Error(), "the most is 100") {
		t.Errorf("got %v", err)
	}
}

// TestChecks counts the places where a function is made to look whether it
// should stop.
func TestChecks(t *testing.T) {
	const check = "\x03\x40\x0b"
	fill := w.Code(w.I32(0), w.I32(0), w.I32(9), w.Op(0xfc, 11, 0))
	do := w.Code(w.Do(w.InputLen), w.Drop())
	tests := []struct {
		name string
		code []byte
		want int
	}{
		{"a leaf", w.Code(w.Get(0), w.Drop()), 0},
		{"a loop", w.Code(w.Op(0x03, 0x40), w.Get(0), w.Op(0x0d, 0, 0x0b)), 0},
		{"a call", do, 1},
		{"many calls", w.Code(do, do, do), 1},
		{"a call behind a loop", w.Code(w.I32(1), w.Set(0), w.Op(0x03, 0x40), w.Get(0), w.Op(0x0d, 0, 0x0b), do), 0},
		{"a call before a loop", w.Code(do, w.Op(0x03, 0x40), w.Get(0), w.Op(0x0d, 0, 0x0b)), 1},
		{"a loop that may be passed by", w.Code(w.Get(0), w.Op(0x04, 0x40, 0x03, 0x40), w.Get(0), w.Op(0x0d, 0, 0x0b, 0x0b), do), 1},
		{"a few fills", bytes.Repeat(fill, 16), 1},
		{"many fills", bytes.Repeat(fill, 17), 18},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			count := func(code []byte) int {
				out, err := preflight.Check(with(func(p *w.Plugin) {
					p.Funcs = []w.Func{{Type: w.TypeNone, Locals: []byte{1, 0x7f}, Code: code}}
				}), preflight.Defaults(memory))
				if err != nil {
					t.Fatal(err)
				}
				return bytes.Count(out, []byte(check))
			}
			if got := count(tt.code) - count(nil); got != tt.want {
				t.Errorf("%d checks, want %d", got, tt.want)
			}
		})
	}
}

// TestTables gives every table a maximum.
func TestTables(t *testing.T) {
	tests := []struct {
		name       string
		table, out []byte
	}{
		{"none", []byte{0, 1}, []byte{1, 0x70, 1, 1, 0x80, 0x80, 0x10}},
		{"its own", []byte{1, 1, 2}, []byte{1, 0x70, 1, 1, 2}},
		{"too high", append([]byte{1, 1}, w.U32(nil, 1<<31)...), []byte{1, 0x70, 1, 1, 0x80, 0x80, 0x10}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := preflight.Check(with(func(p *w.Plugin) { p.Tables = append([]byte{1, 0x70}, tt.table...) }), preflight.Defaults(memory))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(out, w.Section(nil, 4, tt.out)) {
				t.Errorf("no table section % x", tt.out)
			}
		})
	}
}

// TestCustomSections keeps only the names of functions.
func TestCustomSections(t *testing.T) {
	names := w.Section(w.Section(w.Name("name"), 0, w.Name("secret module")), 1, w.Vector(append([]byte{6}, w.Name("kept")...)))
	for _, custom := range [][]byte{names, append(w.Name(".debug_info"), "secret"...), append(w.Name("name"), 1, 5, 0xff, 's', 'e', 'c', 'r')} {
		out, err := preflight.Check(with(func(p *w.Plugin) { p.Custom = custom }), preflight.Defaults(memory))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(out, []byte("secr")) {
			t.Errorf("%q was kept", custom)
		}
		if want := bytes.Contains(custom, []byte("kept")); bytes.Contains(out, []byte("kept")) != want {
			t.Errorf("name kept: %v, want %v", !want, want)
		}
	}
}

// FuzzCheck wants that no bytes break the check, and that what it lets through
// it lets through again.
func FuzzCheck(f *testing.F) {
	f.Add(fixed().Bytes())
	f.Add(with(func(p *w.Plugin) {
		p.Tables, p.Globals = []byte{1, 0x70, 0, 1}, []byte{1, 0x7f, 1, 0x41, 0, 0x0b}
		p.Elements = []byte{1, 0, 0x41, 0, 0x0b, 1, 5}
		p.Custom = w.Section(w.Name("name"), 1, w.Vector(append([]byte{6}, w.Name("kept")...)))
		p.Call = w.Code(w.Do(0), w.Drop(), p.Call)
	}))
	f.Add([]byte("\x00asm\x0d\x00\x01\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := preflight.Defaults(memory)
		out, err := preflight.Check(b, l)
		if err != nil {
			if f := fault.As(err); f.Code != fault.Invalid && f.Code != fault.LimitExceeded {
				t.Fatalf("code %s", f.Code)
			}
			return
		}
		if _, err := preflight.Check(out, l); err != nil {
			t.Fatalf("what came out is refused: %v", err)
		}
	})
}
