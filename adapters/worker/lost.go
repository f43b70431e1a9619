package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/confine"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// lost says why a process did not finish its script, and whether somebody from
// outside ended it before the script did anything.
func (p *Pool) lost(x *exchange, err error) (untouched bool, _ error) {
	reason, cause := p.autopsy(x.process, err)
	place := func(f *fault.Fault) error { return x.last(x.call.Script, f) }
	switch reason {
	case reasonCancelled:
		return false, cancelled(x.ctx)
	case limitTime:
		return false, place(overLimit(cause, reason, "the script ran longer than %s", x.call.Limits.ScriptTime))
	case limitMemory:
		return false, place(overLimit(cause, reason, "the script used more than %d MiB of memory", x.call.Limits.MemoryBytes>>20))
	case limitCallDepth:
		return false, place(overLimit(cause, reason, "the script nested calls too deeply"))
	case reasonProtocol:
		return false, fault.Wrap(cause, fault.Internal, "the script's process sent what makes no sense")
	case reasonDenied:
		return false, place(fault.Wrap(cause, fault.Internal, "the script's process tried what no script may do"))
	}
	if confine.CauseOf(x.stderr.String(), x.cmd.ProcessState) == confine.Crashed {
		return false, place(fault.Wrap(cause, fault.Internal, "the script engine crashed; nothing else is affected"))
	}
	gone := fault.Wrap(cause, fault.Unavailable, "the process that ran the script was ended from outside; nothing else is affected")
	return x.early, place(gone.Retry(1))
}

func overLimit(cause error, key, format string, args ...any) *fault.Fault {
	return fault.Wrap(cause, fault.LimitExceeded, format, args...).OverLimit(key)
}

// unreadable says why a process did not finish checking a script.
func (p *Pool) unreadable(ctx context.Context, w *process, script node.Script, err error) error {
	reason, cause := p.autopsy(w, err)
	switch reason {
	case reasonCancelled:
		return cancelled(ctx)
	case reasonCheck:
		return overLimit(cause, limitTime, "the script cannot be read within %s; simplify it", p.cfg.CheckTime).AtField(script.Field)
	case limitMemory, limitCallDepth:
		return overLimit(cause, reason, "the script cannot be read within the limits of a worker process (%s); simplify it", reason).
			AtField(script.Field)
	}
	return fault.Wrap(cause, fault.Unavailable, "the process that checked the script was lost").Retry(1)
}

// autopsy ends a process, finds out why it could not go on, and counts it.
func (p *Pool) autopsy(w *process, err error) (reason string, cause error) {
	if errors.Is(err, errBroken) || errors.Is(err, protocol.ErrTooLarge) {
		w.kill(reasonProtocol)
	}
	// Its pipe is closed: it is gone, or must not stay on without it. On a busy
	// machine the news of its end may take longer than that, so this is no verdict.
	timer := time.AfterFunc(p.cfg.Grace, func() { w.kill(reasonStayed) })
	<-w.dead
	timer.Stop()
	said := w.stderr.String()
	cause = fmt.Errorf("%w; the process ended with %s and said %q", err, w.cmd.ProcessState, said)
	if reason = w.killedFor(); reason == reasonStayed {
		reason = ""
	}
	if reason == "" {
		switch confine.CauseOf(said, w.cmd.ProcessState) {
		case confine.OutOfMemory:
			reason = limitMemory
		case confine.StackOverflow:
			reason = limitCallDepth
		case confine.Denied:
			reason = reasonDenied
			p.cfg.Log.Error("a worker process was ended by the kernel for a system call that no script should lead to", "state", w.cmd.ProcessState.String())
		}
	}
	if reason == "" {
		p.cfg.Observer.Counted(ports.WorkerLost, "running", 1)
	} else {
		p.cfg.Observer.Counted(ports.WorkerKilled, reason, 1)
	}
	return reason, cause
}

// last places a fault where the script was last seen.
func (p *process) last(script node.Script, f *fault.Fault) *fault.Fault {
	f = f.AtField(script.Field)
	if p.trail == nil {
		return f
	}
	module, line, column := p.trail.Last()
	if line == 0 {
		return f
	}
	f = f.AtLine(line, column)
	if module != "" {
		f.Message += " (in module " + module + ")"
		f.Field = ""
	}
	return f
}
