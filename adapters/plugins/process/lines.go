package process

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// lines relays what a plugin prints to the log, line by line, and keeps the last
// of it for the report of its end. What is too much is dropped and counted, so
// that a plugin cannot fill disks with the server's log.
type lines struct {
	log    *slog.Logger
	stream string

	mu      sync.Mutex
	line    []byte // not ended yet
	cut     bool   // the line was longer than lineBytes
	last    []byte
	fatal   string    // the newest line by which Go says that it ends
	fatalAt time.Time // when it came
	since   time.Time // begin of the second that logged counts in
	logged  int
	dropped int
}

const (
	lineBytes      = 2 << 10
	linesPerSecond = 100
	lastBytes      = 4 << 10
)

// Write never fails.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	l.last = append(l.last, p[max(0, n-lastBytes):]...)
	if extra := len(l.last) - lastBytes; extra > 0 {
		l.last = append(l.last[:0], l.last[extra:]...)
	}
	for len(p) > 0 {
		part, rest, ended := bytes.Cut(p, []byte{'\n'})
		l.add(part)
		if ended {
			l.flush()
		}
		p = rest
	}
	return n, nil
}

func (l *lines) add(part []byte) {
	if room := lineBytes - len(l.line); len(part) > room {
		part, l.cut = part[:room], true
	}
	l.line = append(l.line, part...)
}

// flush logs the line so far.
func (l *lines) flush() {
	text := strings.TrimRight(strings.ToValidUTF8(string(l.line), "?"), "\r")
	if l.cut {
		text += "..."
	}
	l.line, l.cut = l.line[:0], false
	if text == "" {
		return
	}
	if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
		l.fatal, l.fatalAt = text, time.Now()
	}
	if now := time.Now(); now.Sub(l.since) >= time.Second {
		l.tellDropped()
		l.since, l.logged = now, 0
	}
	if l.logged >= linesPerSecond {
		l.dropped++
		return
	}
	l.logged++
	l.log.Log(context.Background(), levelOf(text), "a plugin printed a line", "stream", l.stream, "line", text)
}

// levelOf keeps the level of a line that a plugin logged with go-hclog as JSON.
func levelOf(text string) slog.Level {
	var entry struct {
		Level   string `json:"@level"`
		Message string `json:"@message"`
	}
	if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &entry) != nil || entry.Level == "" || entry.Message == "" {
		return slog.LevelInfo
	}
	level := slog.LevelInfo
	switch entry.Level {
	case "trace", "debug":
		level = slog.LevelDebug
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	}
	return level
}

func (l *lines) tellDropped() {
	if l.dropped > 0 {
		l.log.Warn("a plugin printed too much; lines were dropped", "stream", l.stream, "dropped", l.dropped)
		l.dropped = 0
	}
}

// end logs what is left.
func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
	l.tellDropped()
}

const (
	saidBytes = 400
	// recent is how long before the end a fatal line was its reason; one that
	// plugins-sdk caught stays without an end.
	recent = 2 * time.Second
)

// said is what best tells why the plugin ended, on one line: the reason Go gives
// before its long dump, or the last lines. It is empty when nothing was printed.
func (l *lines) said() string {
	l.mu.Lock()
	text, fatal := strings.ToValidUTF8(string(l.last), "?"), l.fatal
	if time.Since(l.fatalAt) > recent {
		fatal = ""
	}
	l.mu.Unlock()
	if fatal != "" {
		return shorten(fatal, saidBytes)
	}
	text = strings.TrimSpace(text)
	if len(text) > saidBytes {
		text = strings.ToValidUTF8(text[len(text)-saidBytes:], "")
		if _, whole, ok := strings.Cut(text, "\n"); ok {
			text = whole
		}
	}
	return oneLine(text)
}

// shorten is the beginning of a text, on one line.
func shorten(text string, most int) string {
	text = strings.TrimSpace(text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return oneLine(text)
}

func oneLine(text string) string {
	var parts []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, "; ")
}
