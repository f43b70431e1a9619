package worker

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// exchange is one script's conversation with its process.
type exchange struct {
	*process

	ctx     context.Context //nolint:containedctx // an exchange is one call
	call    ports.ScriptCall
	started time.Time
	source  *source
	early   bool // it did nothing yet, but ask for globals and the request

	hostCtx context.Context    //nolint:containedctx // ctx ending with the script's time; nil until a host call needs it
	release context.CancelFunc // of hostCtx; nil with it
	failed  *fault.Fault       // what the host said last
	calls   int
	lines   int
	logged  int // bytes of them
}

// logSlack is what the engine's own words in log lines may add.
const logSlack = 64 << 10

// errBroken is a process that does not keep to the protocol.
var errBroken = errors.New("the worker process sent what makes no sense")

// converse sends the script and answers the process until it is done. Any error
// that is no fault means that the process cannot be used any more.
func (x *exchange) converse(number int64) (node.ScriptResult, *fault.Fault, error) {
	x.sendScript(number)
	if err := x.writer.Send(&x.frame); err != nil {
		return node.ScriptResult{}, nil, err
	}
	for {
		kind, body, err := x.frames.Next()
		if err != nil {
			return node.ScriptResult{}, nil, err
		}
		if kind == protocol.Done {
			if body.Int() != number {
				return node.ScriptResult{}, nil, errBroken
			}
			return x.done(&body)
		}
		if err := x.answer(kind, &body); err != nil {
			return node.ScriptResult{}, nil, err
		}
	}
}

// sendScript writes the script into the frame, with what it is known to ask for.
func (x *exchange) sendScript(number int64) {
	f := x.frame.Begin(protocol.Run).Int(number).Text(x.call.Name)
	f.AddScript(x.call.Script)
	f.AddLimits(x.call.Limits)
	forget := x.sources.full()
	if forget {
		x.sources.forget()
	}
	f.Bool(forget)
	code, known := x.sources.of(x.call.Script.Code)
	x.source = known
	f.AddSource(code)
	f.AddValue(x.call.Payload).AddValue(x.call.Locals)
	f.Int(int64(len(known.globals)))
	for _, name := range known.globals {
		v, ok := x.call.Host.Global(name)
		f.Text(name).Bool(ok).AddValue(v)
	}
	f.Bool(known.request)
	if known.request {
		f.Raw(inbound(x.call.Host))
	}
}

// answer answers one question of the process.
func (x *exchange) answer(kind protocol.Kind, b *protocol.Body) error {
	switch kind {
	case protocol.Log:
		return x.log(b)
	case protocol.Global:
		return x.global(b)
	case protocol.Request:
		if x.early {
			x.source.request = true
		}
		return x.reply(b, x.frame.Begin(protocol.Answer).Raw(inbound(x.call.Host)))
	case protocol.Call:
		x.early = false
		return x.hostCall(b)
	case protocol.Module:
		x.early = false
		return x.module(b)
	default:
		return errBroken
	}
}

// reply sends an answer, if the question was well formed.
func (x *exchange) reply(question *protocol.Body, f *protocol.Frame) error {
	if question.Err() != nil {
		return errBroken
	}
	return x.writer.Send(f)
}

func (x *exchange) log(b *protocol.Body) error {
	x.early = false
	level, line := b.Text(), b.Text()
	x.lines++
	x.logged += len(line)
	if b.Err() != nil || x.lines > x.call.Limits.LogLines || x.logged > x.call.Limits.LogBytes+logSlack {
		return errBroken
	}
	x.call.Host.Log(level, line)
	return nil
}

func (x *exchange) global(b *protocol.Body) error {
	name := b.Text()
	v, ok := x.call.Host.Global(name)
	if x.early {
		x.source.wants(name)
	}
	return x.reply(b, x.frame.Begin(protocol.Answer).Bool(ok).AddValue(v))
}

func (x *exchange) hostCall(b *protocol.Body) error {
	function := b.Text()
	args := make([]payload.Value, 0, 4)
	for range b.Count(1, protocol.MaxArgs) {
		args = append(args, b.Untrusted())
	}
	if x.calls++; b.Err() != nil || x.calls > x.call.Limits.HostCalls {
		return errBroken
	}
	v, err := x.call.Host.Call(x.hostContext(), function, args)
	return x.tell(err, func(f *protocol.Frame) { f.AddValue(v) })
}

func (x *exchange) module(b *protocol.Body) error {
	name := b.Text()
	if x.calls++; b.Err() != nil || x.calls > x.call.Limits.HostCalls {
		return errBroken
	}
	script, err := x.call.Host.Module(x.hostContext(), name)
	return x.tell(err, func(f *protocol.Frame) {
		f.AddScript(script)
		code, _ := x.sources.of(script.Code)
		f.AddSource(code)
	})
}

// tell sends what the host said: its fault, or what add adds.
func (x *exchange) tell(err error, add func(*protocol.Frame)) error {
	f := x.frame.Begin(protocol.Answer).Bool(err != nil)
	if err != nil {
		x.failed = fault.As(err)
		f.AddFault(err)
	} else {
		add(f)
	}
	return x.writer.Send(f)
}

// done reads what the script left behind.
func (x *exchange) done(b *protocol.Body) (node.ScriptResult, *fault.Fault, error) {
	result := b.Result()
	var f *fault.Fault
	if b.Bool() {
		f = b.Fault(x.failed)
		if !knownLimit(f.Limit) && (x.failed == nil || f.Limit != x.failed.Limit) {
			return node.ScriptResult{}, nil, errBroken
		}
	}
	x.retired = b.Bool() || x.retired
	if b.Err() != nil {
		return node.ScriptResult{}, nil, errBroken
	}
	return result, f, nil
}

// knownLimit reports whether a worker may name a limit: what it names becomes a
// label of the metrics.
func knownLimit(key string) bool {
	section, name, _ := strings.Cut(key, ".")
	return key == "" || len(key) < 64 && (section == "limits" || section == "vm_pool") && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// hostContext is what host calls get: it ends with the script's time, so that
// none outlives its script.
func (x *exchange) hostContext() context.Context {
	if x.hostCtx == nil {
		x.hostCtx, x.release = context.WithDeadline(x.ctx, x.started.Add(x.call.Limits.ScriptTime))
	}
	return x.hostCtx
}

func (x *exchange) close() {
	if x.release != nil {
		x.release()
	}
}

// inbound is the HTTP request as JSON; nil when there is none.
func inbound(h ports.Host) []byte {
	in := h.Request()
	if in == nil {
		return nil
	}
	text, err := json.Marshal(in)
	if err != nil { // it is made of texts and bytes
		return nil
	}
	return text
}
