package doctor

import (
	"fmt"
	"io"
	"strings"
)

// Status grades a finding.
type Status string

// The statuses. Only failures make doctor fail.
const (
	OK   Status = "ok"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Finding is what one check saw.
type Finding struct {
	Check  string `json:"check"` // such as "database shop"
	Status Status `json:"status"`
	Detail string `json:"detail"`
	Advice string `json:"advice,omitempty"` // how to mend it
}

// Findings are in the order of the checks.
type Findings []Finding

func (f *Findings) ok(check, format string, args ...any) {
	*f = append(*f, Finding{check, OK, fmt.Sprintf(format, args...), ""})
}

func (f *Findings) warn(check, advice, format string, args ...any) {
	*f = append(*f, Finding{check, Warn, fmt.Sprintf(format, args...), advice})
}

func (f *Findings) fail(check, advice, format string, args ...any) {
	*f = append(*f, Finding{check, Fail, fmt.Sprintf(format, args...), advice})
}

// Count is how many findings have a status.
func (f Findings) Count(s Status) int {
	n := 0
	for _, one := range f {
		if one.Status == s {
			n++
		}
	}
	return n
}

// Write prints one line for each finding, and a last one with the sums.
func (f Findings) Write(w io.Writer) error {
	var b strings.Builder
	for _, one := range f {
		fmt.Fprintf(&b, "%-4s  %-18s %s", one.Status, one.Check, one.Detail)
		if one.Advice != "" {
			b.WriteString("; " + one.Advice)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d ok, %d warnings, %d failures\n", f.Count(OK), f.Count(Warn), f.Count(Fail))
	_, err := io.WriteString(w, b.String())
	return err
}
