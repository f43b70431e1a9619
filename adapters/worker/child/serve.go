package child

import (
	"context"
	"errors"
	"io"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Config is what a worker is made of.
type Config struct {
	In     io.Reader // frames of the parent
	Out    io.Writer // frames to the parent
	Engine ports.ScriptEngine
	// At is told where the running script is; it may be nil.
	At func(module string, line, column int)
	// Report is told to the parent at the start: how the process is confined.
	Report []byte
	Heap   *Heap // looked after between scripts
	// Gone is called when the parent went away while a script ran; it ends the
	// process, as a script may be stuck where nothing else can end it.
	Gone func()
}

// maxIncoming bounds a frame of the parent, who bounds what is in it.
const maxIncoming = 1 << 30

// worker is the state of a worker process. The main goroutine runs scripts, a
// second one reads frames, so that cancelling works while a script runs.
type worker struct {
	Config

	writer  *protocol.Writer
	jobs    chan job
	answers chan answer
	running current
	sources map[int64]string
	frame   protocol.Frame
}

// job is a script to run or check.
type job struct {
	kind protocol.Kind
	body protocol.Body
}

// answer is what the host said.
type answer struct{ body protocol.Body }

// Serve answers the parent until it closes its end. It returns nil then.
func Serve(cfg Config) error {
	w := &worker{
		Config: cfg, writer: protocol.NewWriter(cfg.Out),
		jobs: make(chan job), answers: make(chan answer, 1), sources: map[int64]string{},
	}
	if err := w.writer.Send(w.frame.Begin(protocol.Hello).Raw(cfg.Report)); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		err := w.read()
		close(w.jobs)
		close(w.answers)
		ended <- err
		w.running.end(w.Gone)
	}()
	for j := range w.jobs {
		w.Heap.Begin()
		if err := w.work(j); err != nil {
			return err
		}
		w.Heap.Tidy()
	}
	return <-ended
}

// read sorts the parent's frames until there are no more.
func (w *worker) read() error {
	frames := protocol.NewReader(w.In, maxIncoming)
	for {
		kind, body, err := frames.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case kind == protocol.Cancel:
			w.running.cancel(body.Int())
		case kind == protocol.Answer:
			w.answers <- answer{body}
		default:
			w.jobs <- job{kind, body}
		}
	}
}

func (w *worker) work(j job) error {
	if j.kind == protocol.Check {
		return w.check(j.body)
	}
	return w.run(j.body)
}

// check checks a script and sends what was found.
func (w *worker) check(b protocol.Body) error {
	script := b.Script()
	script.Code = b.Text()
	if err := b.Err(); err != nil {
		return err
	}
	w.running.begin(0, nil)
	findings, err := w.Engine.Check(context.Background(), script)
	w.running.end(nil)
	w.Heap.End()
	f := w.frame.Begin(protocol.Checked)
	f.AddFindings(findings)
	return w.finish(f, err)
}

// run runs a script and sends what it left behind.
func (w *worker) run(b protocol.Body) error {
	number := b.Int()
	call := ports.ScriptCall{Name: b.Text(), Script: b.Script(), Limits: b.Limits(), At: w.At}
	if b.Bool() {
		clear(w.sources)
	}
	call.Script.Code = w.code(b.Source())
	call.Payload, call.Locals = b.Value(), b.Value()
	h := &relay{worker: w, globals: map[string]global{}}
	for range b.Count(3, protocol.MaxGlobals) {
		name := b.Text()
		h.globals[name] = global{known: b.Bool(), value: b.Value()}
	}
	if h.asked = b.Bool(); h.asked {
		h.request = inbound(b.Raw())
	}
	if err := b.Err(); err != nil {
		return err
	}
	call.Host = h
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.running.begin(number, cancel)
	result, err := w.Engine.Run(ctx, call)
	w.running.end(nil)
	if h.broken != nil {
		return h.broken
	}
	w.Heap.End()
	f := w.frame.Begin(protocol.Done).Int(number)
	if err != nil {
		result = node.ScriptResult{}
	}
	f.AddResult(result)
	return w.finish(f, err)
}

// finish ends a frame with the fault, if any, and whether to go on with this
// process, and sends it.
func (w *worker) finish(f *protocol.Frame, err error) error {
	f.Bool(err != nil)
	if err != nil {
		f.AddFault(err)
	}
	return w.writer.Send(f.Bool(w.Heap.Full()))
}

// code finds the code of a source, and remembers a new one.
func (w *worker) code(s protocol.Source) string {
	if s.New {
		w.sources[s.ID] = s.Code
	}
	return w.sources[s.ID]
}

// protocolFault is what a script's host call gets when the pipe broke.
func protocolFault(err error) error {
	return fault.Wrap(err, fault.Internal, "the connection to the server is broken")
}
