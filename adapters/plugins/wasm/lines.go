package wasm

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	lineBytes      = 4 << 10 // of a line that is logged; the rest of it is cut
	linesPerSecond = 50
	lineBurst      = 200
)

// lines relays what a plugin prints to the log, as fast as a log can bear.
type lines struct {
	log    *slog.Logger
	plugin string
	now    func() time.Time

	mu      sync.Mutex
	tokens  float64
	last    time.Time
	dropped int
}

func newLines(log *slog.Logger, plugin string, now func() time.Time) *lines {
	return &lines{log: log, plugin: plugin, now: now, tokens: lineBurst, last: now()}
}

// printed is one stream of one instance.
type printed struct {
	to     *lines
	stream string
	line   []byte
	cut    bool
}

func (l *lines) writer(stream string) io.Writer { return &printed{to: l, stream: stream} }

// Write implements io.Writer; it never fails.
func (p *printed) Write(b []byte) (int, error) {
	all := len(b)
	for len(b) > 0 {
		line, rest, whole := bytes.Cut(b, []byte{'\n'})
		room := lineBytes - len(p.line)
		p.cut = p.cut || len(line) > room
		p.line = append(p.line, line[:min(room, len(line))]...)
		if whole {
			p.to.relay(p.stream, p.line, p.cut)
			p.line, p.cut = p.line[:0], false
		}
		b = rest
	}
	return all, nil
}

func (l *lines) relay(stream string, line []byte, cut bool) {
	l.mu.Lock()
	now := l.now()
	l.tokens = min(lineBurst, l.tokens+now.Sub(l.last).Seconds()*linesPerSecond)
	l.last = now
	if l.tokens < 1 {
		l.dropped++
		l.mu.Unlock()
		return
	}
	l.tokens--
	l.mu.Unlock()
	l.flush()
	level := slog.LevelInfo
	if stream == "stderr" {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{slog.String("plugin", l.plugin), slog.String("stream", stream), slog.String("line", string(line))}
	if cut {
		attrs = append(attrs, slog.Bool("cut", true))
	}
	l.log.LogAttrs(context.Background(), level, "a plugin printed", attrs...)
}

// flush tells how many lines were left out since the last one.
func (l *lines) flush() {
	l.mu.Lock()
	dropped := l.dropped
	l.dropped = 0
	l.mu.Unlock()
	if dropped > 0 {
		l.log.Warn("a plugin prints too much; lines were left out", "plugin", l.plugin, "lines", dropped)
	}
}
