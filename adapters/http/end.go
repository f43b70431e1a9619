package http

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// statusClientGone is what logs and metrics show for a request whose client left
// before the answer; it is never sent.
const statusClientGone = 499

// end contains a panic, then reports the request. It must be deferred.
func (ex *exchange) end() {
	cause := recover()
	if cause != nil && cause != http.ErrAbortHandler { //nolint:errorlint // A recovered value is compared as net/http does it.
		cause = ex.contain(cause)
	}
	switch {
	case ex.status != 0:
	case cause == nil:
		ex.WriteHeader(http.StatusOK)
	default:
		ex.status = statusClientGone
	}
	took := time.Since(ex.started)
	ex.s.deps.Observer.RequestDone(methodLabel(ex.r.Method), ex.route, ex.status, took)
	ex.access(took)
	if cause != nil {
		panic(http.ErrAbortHandler)
	}
}

// contain logs a panic and answers 500. It returns what to panic with when the
// answer had begun and only cutting the connection is left.
func (ex *exchange) contain(cause any) any {
	ex.log().Error("a request panicked", "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if ex.status != 0 {
		return http.ErrAbortHandler
	}
	f := fault.New(fault.Internal, "panic")
	ex.writeProblem(http.StatusInternalServerError, ex.problem(f, nil, http.StatusInternalServerError))
	return nil
}

// abort ends a request that nobody waits for.
func (ex *exchange) abort(status int) {
	ex.status = status
	panic(http.ErrAbortHandler)
}

func (ex *exchange) log() *slog.Logger {
	return ex.s.deps.Log.With("request_id", ex.id)
}

// access writes the access log line, at debug level.
func (ex *exchange) access(took time.Duration) {
	ctx := context.Background() // the request's may have ended
	if !ex.s.deps.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	ex.s.deps.Log.LogAttrs(ctx, slog.LevelDebug, "request",
		slog.String("request_id", ex.id),
		slog.String("method", methodLabel(ex.r.Method)),
		slog.String("route", ex.route),
		slog.String("path", ex.loggedPath()),
		slog.Int("status", ex.status),
		slog.Int64("bytes", ex.bytes),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("ip", ex.client()),
		slog.String("run_id", ex.runID),
		slog.String("token", ex.subject),
	)
}

// loggedPath is the path as it was sent, without the query and cut short.
func (ex *exchange) loggedPath() string {
	const longest = 200
	path := ex.r.URL.EscapedPath()
	return path[:min(len(path), longest)]
}

// methodLabel bounds what clients can make metrics remember.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	default:
		return "OTHER"
	}
}
