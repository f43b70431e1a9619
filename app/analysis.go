package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// subject is a script as logs call it: where it stands, never what it says.
type subject struct {
	workflow, node string
	name           string // "module tax", "default_js", or empty for a node's own code
}

// judged is the verdict on a script, from the cache or anew. Its error is that of
// a script that does not parse, placed in its field, or of an analysis that could
// not be done.
func (r *Runtime) judged(ctx context.Context, engine ports.ScriptEngine, s node.Script, of subject) (*verdict, error) {
	v, err := r.verdicts.get(ctx, keyOf(s), func() (*verdict, error) {
		findings, err := engine.Check(ctx, s)
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			return nil, err
		}
		v := newVerdict(s, findings, err)
		if err == nil {
			r.tell(v, of)
		}
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	if f := fault.As(v.err); f != nil {
		if s.Field != "" {
			return v, f.AtField(s.Field)
		}
		return v, f
	}
	return v, nil
}

// readable is judged for a script that is to be published: one that takes too
// much to read is as wrong as one that does not parse.
func (r *Runtime) readable(ctx context.Context, engine ports.ScriptEngine, s node.Script, of subject) (*verdict, error) {
	v, err := r.judged(ctx, engine, s, of)
	if f := fault.As(err); f != nil && f.Code == fault.LimitExceeded && ctx.Err() == nil {
		wrong := *f
		wrong.Code, wrong.Limit = fault.Invalid, ""
		return v, &wrong
	}
	return v, err
}

// tell counts and logs a new verdict.
func (r *Runtime) tell(v *verdict, of subject) {
	if !r.cfg.Analysis.Enabled {
		return
	}
	_, blocked := r.cfg.Analysis.Blocking(v.findings)
	switch {
	case blocked:
		r.Observer.Counted(ports.ScriptAnalyzed, "blocked", 1)
	case len(v.findings) > 0:
		r.Observer.Counted(ports.ScriptAnalyzed, "warned", 1)
	default:
		r.Observer.Counted(ports.ScriptAnalyzed, "clean", 1)
		return
	}
	if !r.cfg.Analysis.Log {
		return
	}
	worst := worstOf(v.findings)
	attrs := []any{"rule", worst.Rule, "severity", string(worst.Severity), "line", worst.Line, "column", worst.Column, "findings", len(v.findings), "blocked", blocked}
	for _, a := range []slog.Attr{slog.String("workflow", of.workflow), slog.String("node", of.node), slog.String("script", of.name)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	r.Log.Warn("the analysis found something in a script", attrs...)
}

// worstOf is the first of the gravest findings.
func worstOf(findings []policy.Finding) policy.Finding {
	for _, s := range []policy.Severity{policy.High, policy.Medium} {
		for _, f := range findings {
			if f.Severity == s {
				return f
			}
		}
	}
	return findings[0]
}

// cleared is nil when a script may run. A script that does not parse may: running
// it tells more. What could not be analysed may not run where findings block.
func (r *Runtime) cleared(ctx context.Context, engine ports.ScriptEngine, s node.Script, of subject) error {
	if !r.cfg.Analysis.Enabled {
		return nil
	}
	v, err := r.judged(ctx, engine, s, of)
	if err != nil {
		if v != nil || !r.cfg.Analysis.BlockHigh {
			return nil
		}
		return err
	}
	finding, blocked := r.cfg.Analysis.Blocking(v.findings)
	if !blocked {
		return nil
	}
	r.Observer.Counted(ports.ScriptBlocked, finding.Rule, 1)
	return refusal(finding, of.name, s.Field)
}

// refusal is a finding as the fault of a script.
func refusal(finding policy.Finding, name, field string) *fault.Fault {
	f := finding.Fault().AtField(field)
	if name != "" {
		f.Message = name + ": " + f.Message
	}
	return f
}

// clearedCall is cleared for a call of the run.
func (x *execution) clearedCall(ctx context.Context, nodeID string, call ports.ScriptCall) error {
	if !x.cfg.Analysis.Enabled {
		return nil
	}
	of := subject{workflow: x.published.ID, node: nodeID}
	if call.Script.Default || call.Script.Module != "" || call.Script.Field == defaultField {
		of.name = call.Name
	}
	return x.cleared(ctx, x.published.engine, call.Script, of)
}

// clearedModule is cleared for a module that a script requires. Most define
// main() or exports at the top; one that returns there is the body of a function.
func (x *execution) clearedModule(ctx context.Context, nodeID, name, code string) error {
	if !x.cfg.Analysis.Enabled {
		return nil
	}
	of := subject{workflow: x.published.ID, node: nodeID, name: "module " + name}
	s := moduleScript(code)
	if v, _ := x.judged(ctx, x.published.engine, s, of); v != nil && v.err != nil {
		s.Entry = ""
	}
	err := x.cleared(ctx, x.published.engine, s, of)
	if f := fault.As(err); f != nil && f.Rule != "" { // it will be placed where require is called
		f.Message = fmt.Sprintf("module %s, line %d:%d: %s", name, f.Line, f.Column, strings.TrimPrefix(f.Message, of.name+": "))
	}
	return err
}

// moduleScript is the code of a stored module.
func moduleScript(code string) node.Script {
	return node.Script{Code: code, Language: node.JavaScript, Entry: "main"}
}

// countRefused counts something that was not stored because of its scripts, by
// the first rule.
func (r *Runtime) countRefused(err error) {
	if err == nil {
		return
	}
	for _, f := range asList(err) {
		if f.Code == fault.Blocked {
			r.Observer.Counted(ports.ScriptBlocked, f.Rule, 1)
			return
		}
	}
}
