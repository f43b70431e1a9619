package kit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Subject is the plugin to try. All but Settings and Timeout are required.
type Subject struct {
	File    ports.PluginFile
	Spec    ports.PluginSpec // Artifact, SHA256 and Name are filled in
	Loader  ports.PluginLoader
	Schemas ports.Schemas
	// Settings are what the plugin is configured with; zero = {}.
	Settings payload.Value
	// Timeout bounds one case; 0 = 30 s.
	Timeout time.Duration
}

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// Result is a case that was tried.
type Result struct {
	Name    string        `json:"name"`
	Outcome Outcome       `json:"outcome"`
	Problem string        `json:"problem,omitempty"` // what was expected and what came, or why it was skipped
	Mend    string        `json:"mend,omitempty"`    // what its author can do
	Took    time.Duration `json:"took_ns"`
}

// Report is everything that was found.
type Report struct {
	Plugin  string   `json:"plugin,omitempty"`
	Version string   `json:"version,omitempty"`
	Results []Result `json:"results"`
}

// Count is the number of results with an outcome.
func (r Report) Count(o Outcome) int {
	n := 0
	for _, one := range r.Results {
		if one.Outcome == o {
			n++
		}
	}
	return n
}

// skip is the reason why a case does not apply.
type skip struct{ reason string }

func (s skip) Error() string { return s.reason }

func skipped(format string, args ...any) error { return skip{fmt.Sprintf(format, args...)} }

// check is one case. Those without which others make no sense end the whole.
type check struct {
	name, mend string
	vital      bool
	run        func(ctx context.Context, b *bench) error
}

// Run tries everything and tells each result as it comes.
func Run(ctx context.Context, s Subject, each func(Result)) Report {
	if s.Timeout <= 0 {
		s.Timeout = 30 * time.Second
	}
	b := newBench(s)
	defer b.abandon(ctx)
	var report Report
	try := func(list []check) (proceed bool) {
		for _, c := range list {
			r := b.try(ctx, c)
			report.Results = append(report.Results, r)
			each(r)
			if ctx.Err() != nil || r.Outcome == Failed && c.vital {
				return false
			}
		}
		return true
	}
	_ = try(first()) && try(b.examples()) && try(contract()) && try(hostile()) && try(burdens()) && try(last())
	report.Plugin, report.Version = b.manifest.Name, b.manifest.Version
	return report
}

func (b *bench) try(ctx context.Context, c check) Result {
	begun := time.Now()
	inner, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	b.current = c.name
	err := c.run(inner, b)
	r := Result{Name: c.name, Outcome: OK, Took: time.Since(begun)}
	var no skip
	switch {
	case err == nil:
	case errors.As(err, &no):
		r.Outcome, r.Problem = Skipped, no.reason
	default:
		r.Outcome, r.Problem, r.Mend = Failed, plainly(err), c.mend
		if inner.Err() != nil && ctx.Err() == nil {
			r.Problem = fmt.Sprintf("it did not end within %s (%s)", b.Timeout, r.Problem)
		}
	}
	return r
}

// plainly is an error in words, with what it says of its place.
func plainly(err error) string {
	var list fault.List
	if errors.As(err, &list) {
		return list.Error()
	}
	return err.Error()
}
