package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"time"
)

// Suite makes attacks, one after the other.
type Suite struct {
	Target Target
	// Isolated says that the engine serves scripts in child processes, so that
	// attacks may be made from here.
	Isolated bool
	// Disposable gives a command that makes one attack with Once, by name, and
	// writes the Report as JSON: for an engine that is not isolated, because this
	// process has to survive.
	Disposable func(ctx context.Context, name string) *exec.Cmd
}

// Summary is what all attacks came to.
type Summary struct {
	Attacks int           `json:"attacks"`
	Held    int           `json:"held"`
	Through []string      `json:"through,omitempty"` // names of those that got through
	Took    time.Duration `json:"took_ns"`
	Quiet   Pulse         `json:"-"`
	Beside  Pulse         `json:"-"`
}

// quietBeats is how often the healthy script runs before the attacks; before
// each, when each has a process of its own.
const (
	quietBeats      = 200
	quietBeatsApart = 10
)

// startPatience is how long a disposable process may take besides its attack.
const startPatience = 20 * time.Second

// Run makes the attacks and tells each the result of every one.
func (s Suite) Run(ctx context.Context, scripts []Script, each func(Result)) Summary {
	var sum Summary
	start := time.Now()
	if s.Isolated {
		sum.Quiet = s.Target.Quiet(ctx, quietBeats)
	}
	for _, script := range scripts {
		if ctx.Err() != nil {
			break
		}
		report := s.once(ctx, script)
		sum.Quiet.Add(report.Quiet)
		sum.Beside.Add(report.Beside)
		sum.Attacks++
		if report.Through == "" {
			sum.Held++
		} else {
			sum.Through = append(sum.Through, script.Name)
		}
		each(report.Result)
	}
	sum.Took = time.Since(start)
	return sum
}

func (s Suite) once(ctx context.Context, script Script) Report {
	if !s.Isolated {
		return s.sacrifice(ctx, script)
	}
	report := s.Target.Once(ctx, script, true)
	if report.Ending != Endless || ctx.Err() != nil {
		return report
	}
	// Late once is what a busy machine does; late twice is an engine that does
	// not stop it.
	again := s.Target.Once(ctx, script, true)
	again.Beside.Add(report.Beside)
	return again
}

// sacrifice makes the attack in a process that may die of it.
func (s Suite) sacrifice(ctx context.Context, script Script) Report {
	ctx, cancel := context.WithTimeout(ctx, s.Target.Limits.ScriptTime+s.Target.Grace+startPatience)
	defer cancel()
	var stderr bytes.Buffer
	cmd := s.Disposable(ctx, script.Name)
	cmd.Stderr = &stderr
	start := time.Now()
	out, err := cmd.Output()
	var report Report
	if json.Unmarshal(out, &report) == nil && report.Name == script.Name {
		return report
	}
	report = Report{Result: Result{Name: script.Name, Ending: Died, Took: time.Since(start)}}
	report.Through = "its process died"
	if err != nil {
		report.Through += ": " + err.Error()
	}
	if first, _, _ := strings.Cut(stderr.String(), "\n"); first != "" {
		report.Through += ": " + first
	}
	return report
}

// Sacrificed makes the attack of a disposable process; see Suite.Disposable.
func (t Target) Sacrificed(ctx context.Context, script Script) Report {
	quiet := t.Quiet(ctx, quietBeatsApart)
	report := t.Once(ctx, script, false)
	report.Quiet = quiet
	return report
}
