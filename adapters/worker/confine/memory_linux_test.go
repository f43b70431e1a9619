package confine

import (
	"runtime"
	"strings"
	"testing"
)

// sink keeps what must not be optimised away.
var sink any

// garbage makes 2 GB of strings and keeps none.
func garbage() error {
	for i := range 20_000 {
		sink = strings.Repeat("x", 100_000+i%7)
	}
	return nil
}

// liveAndGarbage builds 20 MB of small strings, as a script does with many
// pieces thrown away for each kept.
func liveAndGarbage() error { return keep(170_000) }

// keep keeps so many pieces of 112 bytes and a 16 byte header.
func keep(pieces int) error {
	var live []string
	for range pieces {
		for range 5 {
			sink = strings.Repeat("g", 300)
		}
		live = append(live, strings.Repeat("l", 100))
	}
	runtime.KeepAlive(live)
	return nil
}

func gigabyte() error {
	sink = make([]byte, 1<<30)
	return nil
}

func growSlowly() error {
	var live []string
	for range 1 << 20 {
		live = append(live, strings.Repeat("l", 1<<10))
	}
	runtime.KeepAlive(live)
	return nil
}

// recurse ends far beyond any stack, and is no tail call.
func recurse(n int) int {
	if n < 0 {
		return 0
	}
	return recurse(n+1) + n
}

func TestMemoryLimit(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's memory has no bounds; Report says so")
	}
	tests := []struct {
		name string
		act  string
		mb   int64
		want Cause
	}{
		{"idle", "nothing", 1, Exited},
		{"much garbage", "make much garbage", 32, Exited},
		{"live strings below the limit", "keep what fits, drop garbage", 32, Exited},
		{"one block beyond it", "ask for a gigabyte", 32, OutOfMemory},
		{"small blocks beyond it", "grow slowly", 32, OutOfMemory},
		{"small blocks beyond a larger one", "grow slowly", 256, OutOfMemory},
		{"100 MB of live strings below the limit", "keep 100 MB", 128, Exited},
		{"endless recursion", "recurse without end", 32, StackOverflow},
		{"endless recursion with more memory", "recurse without end", 512, StackOverflow},
		{"many threads", "run many goroutines", 32, Exited},
		{"work", "collect garbage", 16, Exited},
		{"panic", "panic", 32, Crashed},
		{"no limit", "keep what fits, drop garbage", 0, Exited},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := startChild(t, tt.act, tt.mb<<20)
			_, cause := c.end()
			peak := PeakMemory(c.cmd.ProcessState)
			if cause != tt.want {
				t.Errorf("cause %s, want %s; peak %d MB, %v:\n%.2000s", cause, tt.want, peak>>20, c.cmd.ProcessState, c.stderr.String())
			}
			t.Logf("peak %d MB", peak>>20)
			// Besides the limit: two arenas, the program, and tables the
			// runtime mapped before.
			if most := (tt.mb + tt.mb/8 + 192) << 20; tt.mb > 0 && peak > most {
				t.Errorf("used %d MB at most, more than %d MB", peak>>20, most>>20)
			}
			if tt.act == "grow slowly" && peak < tt.mb<<20 {
				t.Errorf("died with %d MB, before the limit", peak>>20)
			}
		})
	}
}

func TestRaceDetectorIsReported(t *testing.T) {
	c := startChild(t, "nothing", 64<<20)
	for _, m := range c.report.Measures {
		if m.Name == MemoryLimit && m.OK == raceDetector {
			t.Errorf("memory limit: %+v with race detector %t", m, raceDetector)
		}
	}
	c.end()
}
