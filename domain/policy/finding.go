package policy

import "github.com/arturoeanton/nflow-runtime/domain/fault"

// Severity grades a finding.
type Severity string

// The severities. Only high ones can block a script.
const (
	Low    Severity = "low"    // poor style that may surprise
	Medium Severity = "medium" // suspicious, or slow on some inputs
	High   Severity = "high"   // an attempt at what no script may do, or that never ends
)

// Finding is something a script should not do, seen without running it.
type Finding struct {
	Rule     string // stable id, such as "no-eval"
	Severity Severity
	Message  string // what is wrong and how to mend it
	Line     int    // 1-based, in the author's source
	Column   int    // 1-based
}

// Fault is the finding as a fault of the script, with code script_blocked.
func (f Finding) Fault() *fault.Fault {
	blocked := fault.New(fault.Blocked, "%s (%s severity, rule %s)", f.Message, f.Severity, f.Rule).AtLine(f.Line, f.Column)
	blocked.Rule = f.Rule
	return blocked
}

// Analysis is what the operator wants done about findings.
type Analysis struct {
	Enabled   bool // security.enable_static_analysis
	BlockHigh bool // security.block_on_high_severity
	Log       bool // security.log_security_warnings
}

// Blocking returns the first finding that keeps a script from running.
func (a Analysis) Blocking(findings []Finding) (Finding, bool) {
	if !a.Enabled || !a.BlockHigh {
		return Finding{}, false
	}
	for _, f := range findings {
		if f.Severity == High {
			return f, true
		}
	}
	return Finding{}, false
}
