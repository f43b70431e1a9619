package trail_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/trail"
)

func TestBothEndsSeeTheSame(t *testing.T) {
	mine, file, err := trail.New()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this platform has no memory to share")
	}
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := trail.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(0); err == nil {
		t.Error("the other process could shrink the memory under us")
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	want := func(module string, line, column int) {
		t.Helper()
		if m, l, c := mine.Last(); m != module || l != line || c != column {
			t.Errorf("got %q %d:%d, want %q %d:%d", m, l, c, module, line, column)
		}
	}
	want("", 0, 0)
	theirs.At("", 3, 14)
	want("", 3, 14)
	theirs.At("forms", 1<<20, 7)
	want("forms", 1<<20, 7)
	theirs.At("a", 2, 2)
	want("a", 2, 2)
	mine.Clear()
	want("a", 0, 0)
	theirs.At(strings.Repeat("x", 5000), 1, 1)
	want(strings.Repeat("x", 1024), 1, 1)
	for _, one := range []*trail.Trail{mine, theirs} {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
	}
}
