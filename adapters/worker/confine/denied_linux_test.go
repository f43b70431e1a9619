package confine

import (
	"maps"
	"slices"
	"testing"
)

func TestDenied(t *testing.T) {
	table := denied()
	for _, name := range slices.Sorted(maps.Keys(table)) {
		t.Run(name, func(t *testing.T) {
			c := startChild(t, name, 0)
			if !c.report.Complete() {
				t.Fatal(c.report)
			}
			o, cause := c.end()
			switch {
			case table[name].fatal && cause != Denied:
				t.Errorf("outcome %q, cause %s, want denied:\n%s", o.Error, cause, c.stderr.String())
			case !table[name].fatal && (cause != Exited || o.Error == ""):
				t.Errorf("outcome %q, cause %s, want an error:\n%s", o.Error, cause, c.stderr.String())
			}
		})
	}
}
