package confine

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The measures of a report, in the order Apply takes them.
const (
	Descriptors  = "descriptors"  // nothing inherited is open but Config.Keep
	Environment  = "environment"  // no variables, working directory /, umask 077
	Privileges   = "privileges"   // not root, no capabilities, not dumpable, dies with its parent
	NoNewPrivs   = "no_new_privs" // no program can give privileges back
	MemoryLimit  = "memory_limit" // Config.MemoryBytes binds
	Landlock     = "landlock"     // the kernel refuses files, TCP and signals to others
	Resources    = "resources"    // no new descriptors, no file growth, no core dumps
	Seccomp      = "seccomp"      // system calls outside a short list are refused or fatal
	unlimited    = "no limit wanted"
	notAvailable = "not available on "
)

// Measure is one layer of confinement.
type Measure struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Detail says how far the measure goes, or why it is missing.
	Detail string `json:"detail,omitempty"`
}

// Report says of each measure whether it holds.
type Report struct {
	Measures []Measure `json:"measures"`
}

// measureNames lists what every report holds, on every platform.
func measureNames() []string {
	return []string{Descriptors, Environment, Privileges, NoNewPrivs, MemoryLimit, Landlock, Resources, Seccomp}
}

// ReadReport reads the JSON of a report that a child sent.
func ReadReport(raw []byte) (Report, error) {
	var r Report
	if err := json.Unmarshal(raw, &r); err != nil {
		return Report{}, fmt.Errorf("report of confinement: %w", err)
	}
	return r, nil
}

// Complete reports whether every measure holds. A report without measures,
// such as one that never arrived, is not complete.
func (r Report) Complete() bool {
	names := measureNames()
	if len(r.Measures) != len(names) {
		return false
	}
	for i, m := range r.Measures {
		if m.Name != names[i] || !m.OK {
			return false
		}
	}
	return true
}

// Missing lists the measures that do not hold, each as "name: reason".
func (r Report) Missing() []string {
	var missing []string
	for _, m := range r.Measures {
		if !m.OK {
			missing = append(missing, m.Name+": "+m.Detail)
		}
	}
	return missing
}

// String is "complete" or the missing measures with their reasons.
func (r Report) String() string {
	switch {
	case r.Complete():
		return "complete"
	case len(r.Missing()) == 0:
		return "no full report"
	default:
		return "missing " + strings.Join(r.Missing(), "; ")
	}
}

// add notes how one measure went.
func (r *Report) add(name, detail string, err error) {
	m := Measure{Name: name, OK: err == nil, Detail: detail}
	if err != nil {
		m.Detail = err.Error()
	}
	r.Measures = append(r.Measures, m)
}
