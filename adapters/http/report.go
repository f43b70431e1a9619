package http

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// report logs a fault that an operator should know of. Callers' mistakes and
// failed workflows show in the access log and the run log.
func (ex *exchange) report(err error, f *fault.Fault, status int) {
	level := slog.LevelDebug
	switch {
	case f.Code == fault.Internal:
		level = slog.LevelError
	case status == http.StatusServiceUnavailable:
		level = slog.LevelWarn
	}
	if !ex.s.deps.Log.Enabled(ex.r.Context(), level) {
		return
	}
	log := ex.log()
	attrs := []slog.Attr{
		slog.String("route", ex.route),
		slog.Int("status", status),
		slog.String("code", string(f.Code)),
		slog.String("error", err.Error()),
	}
	if cause := errors.Unwrap(f); cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	if ex.runID != "" {
		attrs = append(attrs, slog.String("run_id", ex.runID))
	}
	log.LogAttrs(ex.r.Context(), level, "request failed", attrs...)
}
