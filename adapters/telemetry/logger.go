package telemetry

import (
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// The log formats.
const (
	// Text is "2024-01-15 10:30:45 [INFO] message key=value", in the time zone of
	// the record.
	Text = "text"
	// JSON is one object a line with time (RFC 3339, UTC), level (lower case),
	// msg and the attributes.
	JSON = "json"
)

// LogConfig says how log lines look and which are written.
type LogConfig struct {
	Format string // Text or JSON; default Text
	// Level is the least level that is written: a slog.Level, or a *slog.LevelVar
	// to change it later. Default info.
	Level slog.Leveler
}

// NewLogger returns a logger that writes each record with one call of w.Write,
// never two at a time. It fails with code invalid for an unknown format.
func NewLogger(w io.Writer, cfg LogConfig) (*slog.Logger, error) {
	if cfg.Level == nil {
		cfg.Level = slog.LevelInfo
	}
	switch cfg.Format {
	case Text, "":
		return slog.New(newTextHandler(w, cfg.Level)), nil
	case JSON:
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: cfg.Level, ReplaceAttr: asManual})), nil
	default:
		return nil, fault.New(fault.Invalid, "log format %q is unknown; use text or json", cfg.Format).AtField("log.format")
	}
}

// asManual spells the built-in attributes the way the manual shows them, and
// durations so that a person can read them.
func asManual(groups []string, a slog.Attr) slog.Attr {
	switch {
	case a.Value.Kind() == slog.KindDuration:
		return slog.String(a.Key, a.Value.Duration().String())
	case len(groups) > 0:
		return a
	case a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime:
		return slog.String(a.Key, a.Value.Time().UTC().Format(time.RFC3339))
	case a.Key == slog.LevelKey:
		if level, ok := a.Value.Any().(slog.Level); ok {
			return slog.String(a.Key, strings.ToLower(level.String()))
		}
	}
	return a
}
