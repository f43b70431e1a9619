package kit_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/kit"
)

const magic = "\x00asm\x01\x00\x00\x00"

// module imports all four kinds and exports two names.
const module = magic +
	"\x01\x04\x01\x60\x00\x00" + // a type
	"\x02\x1e\x04" + "\x01m\x01f\x00\x00" + "\x01m\x01t\x01\x70\x01\x01\x02" + "\x01m\x01y\x02\x00\x01" + "\x01m\x01g\x03\x7f\x00" +
	"\x07\x0b\x02" + "\x01b\x00\x00" + "\x03a.c\x02\x00"

func TestModuleNames(t *testing.T) {
	got, err := kit.ModuleNames([]byte(module))
	if err != nil {
		t.Fatal(err)
	}
	want := kit.Names{Imports: []string{"m.f", "m.g", "m.t", "m.y"}, Exports: []string{"a.c", "b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := kit.ModuleNames([]byte(magic)); err != nil || got.Imports != nil || got.Exports != nil {
		t.Errorf("an empty module: %+v, %v", got, err)
	}
	for _, bad := range []string{"", "\x7fELF....", module[:len(module)-1], magic + "\x02\x05", magic + "\x02\x02\x01\xff", magic + "\x07\x01\x05", magic + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		if got, err := kit.ModuleNames([]byte(bad)); err == nil {
			t.Errorf("%q gives %+v", bad, got)
		}
	}
}

func FuzzModuleNames(f *testing.F) {
	f.Add([]byte(module))
	f.Add([]byte(magic + "\x02\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		names, err := kit.ModuleNames(b)
		if err != nil && (names.Imports != nil || names.Exports != nil) {
			t.Fatal("names and an error")
		}
		if len(names.Imports)+len(names.Exports) > len(b) || !slices.IsSorted(names.Exports) {
			t.Fatalf("%d names of %d bytes", len(names.Imports)+len(names.Exports), len(b))
		}
	})
}
