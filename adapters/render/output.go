package render

import (
	"context"
	"errors"
	"runtime"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

const (
	// checkEvery is how many writes pass between two looks at the clock.
	checkEvery = 256
	// maxFrames is how many calls may be open while a template is filled. One
	// that includes itself for each level of the deepest JSON opens about 4,000.
	maxFrames = 6_000
)

var errTooSlow = errors.New("the rendering took too long")

// output collects the rendered text and stops the engine by refusing a write:
// when the text is too long, when time is up, when the caller left, and when
// templates include each other without end. Every turn of a loop writes, even
// if nothing, so that a loop without output is stopped as well.
type output struct {
	ctx   context.Context // kept because an io.Writer has no other way to learn of it
	text  strings.Builder
	limit int
	turns int
	err   error // the first refusal; everything after it is refused too
}

// Write appends to the text.
func (o *output) Write(p []byte) (int, error) {
	if o.err == nil && o.turns%checkEvery == 0 {
		o.err = o.check()
	}
	o.turns++
	if o.err == nil && o.text.Len()+len(p) > o.limit {
		o.err = tooLong(o.limit)
	}
	if o.err != nil {
		return 0, o.err
	}
	return o.text.Write(p)
}

func (o *output) check() error {
	if o.ctx.Err() != nil {
		return cancelled(o.ctx)
	}
	var deepest [1]uintptr
	if runtime.Callers(maxFrames, deepest[:]) > 0 {
		return fault.New(fault.LimitExceeded, "templates include each other too deeply").OverLimit("max_render_depth")
	}
	return nil
}

func cancelled(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errTooSlow) {
		return fault.Wrap(cause, fault.LimitExceeded, "rendering the template took too long").OverLimit("max_render_time")
	}
	return fault.Wrap(errors.Join(ctx.Err(), cause), fault.Cancelled, "the rendering was cancelled")
}

func tooLong(limit int) error {
	return fault.New(fault.LimitExceeded, "the rendered text is larger than %d bytes", limit).OverLimit("limits.max_payload_bytes")
}
