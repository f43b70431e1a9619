package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// maxKept is the largest line buffer worth keeping for the next line.
const maxKept = 16 << 10

var _ slog.Handler = (*textHandler)(nil)

// textHandler writes the manual's log format.
type textHandler struct {
	out    *output
	level  slog.Leveler
	prefix []byte // the attributes given by With, already written
	group  string // "a.b." inside groups a and b
}

// output is what the handlers made by With share.
type output struct {
	mu      sync.Mutex
	w       io.Writer
	buffers sync.Pool // of *[]byte
}

func newTextHandler(w io.Writer, level slog.Leveler) *textHandler {
	return &textHandler{out: &output{w: w}, level: level}
}

// Enabled reports whether lines of a level are written.
func (h *textHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle writes one line.
func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	buffer, ok := h.out.buffers.Get().(*[]byte)
	if !ok {
		buffer = new([]byte)
	}
	b := (*buffer)[:0]
	if !r.Time.IsZero() {
		b = r.Time.AppendFormat(b, time.DateTime)
		b = append(b, ' ')
	}
	b = append(b, '[')
	b = append(b, r.Level.String()...)
	b = append(b, "] "...)
	b = appendEscaped(b, r.Message)
	b = append(b, h.prefix...)
	r.Attrs(func(a slog.Attr) bool {
		b = appendAttr(b, h.group, a)
		return true
	})
	b = append(b, '\n')
	err := h.out.write(b)
	if cap(b) <= maxKept {
		*buffer = b
		h.out.buffers.Put(buffer)
	}
	return err
}

func (o *output) write(line []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err := o.w.Write(line)
	return err
}

// WithAttrs returns a handler that adds attributes to each line.
func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.prefix = slices.Clone(h.prefix)
	for _, a := range attrs {
		c.prefix = appendAttr(c.prefix, h.group, a)
	}
	return &c
}

// WithGroup returns a handler that puts a name before the keys that follow.
func (h *textHandler) WithGroup(group string) slog.Handler {
	if group == "" {
		return h
	}
	c := *h
	c.group = h.group + group + "."
	return &c
}
