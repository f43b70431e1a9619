package confine

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkStart measures what a confined child costs, from the start to its
// report. The binary is the test's own; the server's is larger.
func BenchmarkStart(b *testing.B) {
	var applied time.Duration
	var rss, data int64
	for b.Loop() {
		c := startChild(b, "wait", 128<<20)
		applied += c.took
		b.StopTimer()
		status := readFields(b, fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
		rss, data = kilobytes(b, status["RssAnon"]), kilobytes(b, status["VmData"])
		c.in.Close()
		c.end()
		b.StartTimer()
	}
	b.ReportMetric(float64(applied.Microseconds())/float64(b.N), "µs-apply/op")
	b.ReportMetric(float64(rss), "kB-anon")
	b.ReportMetric(float64(data), "kB-data")
}

func kilobytes(b *testing.B, text string) (n int64) {
	b.Helper()
	if _, err := fmt.Sscanf(text, "%d kB", &n); err != nil {
		b.Fatal(text, err)
	}
	return n
}

// TestApplyIsQuick holds Apply to its promise, generously: the machine may be
// busy.
func TestApplyIsQuick(t *testing.T) {
	best := time.Hour
	for range 5 {
		c := startChild(t, "nothing", 64<<20)
		best = min(best, c.took)
		c.end()
	}
	if t.Logf("best of 5: %v", best); best > 30*time.Millisecond {
		t.Errorf("Apply took %v", best)
	}
}
