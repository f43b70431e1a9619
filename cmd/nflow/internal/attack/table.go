package attack

import (
	"fmt"
	"io"
	"time"
)

// Table writes results for people, as they come.
type Table struct{ out io.Writer }

const rowFormat = "%-30s %-40s %8s %9s\n"

// NewTable writes the header.
func NewTable(out io.Writer) Table {
	t := Table{out}
	t.printf(rowFormat, "ATTACK", "STOPPED BY", "AFTER", "MEMORY")
	return t
}

func (t Table) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...) // when nobody reads any more there is nobody to tell
}

// Row writes one result.
func (t Table) Row(r Result) {
	memory := "-"
	if r.Peak > 0 {
		memory = fmt.Sprintf("%d MiB", r.Peak>>20)
	}
	t.printf(rowFormat, r.Name, r.stopper(), short(r.Took), memory)
	if r.Through != "" {
		t.printf("    %s\n", r.Through)
	}
}

// stopper is what ended the attack, in a few words.
func (r Result) stopper() string {
	switch {
	case r.Through != "":
		return "NOT STOPPED"
	case r.Limit != "" && r.Line > 0:
		return fmt.Sprintf("%s, line %d", r.Limit, r.Line)
	case r.Limit != "":
		return r.Limit
	case r.Ending == Harmless:
		return "nothing: it did no harm"
	}
	return "an ordinary error"
}

// Totals writes the last lines.
func (t Table) Totals(s Summary) {
	t.printf("\nhealthy script beside them: p50 %s, p99 %s (%d runs); alone: p50 %s, p99 %s\n",
		short(s.Beside.Percentile(50)), short(s.Beside.Percentile(99)), len(s.Beside.Took),
		short(s.Quiet.Percentile(50)), short(s.Quiet.Percentile(99)))
	t.printf("%d attacks in %s: %d held, %d got through\n", s.Attacks, s.Took.Round(100*time.Millisecond), s.Held, len(s.Through))
}

// short is a time with three digits or so.
func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d >= 100*time.Microsecond:
		return fmt.Sprintf("%.1fms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%dµs", d.Microseconds())
}
