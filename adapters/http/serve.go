package http

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// answerGrace is how long cancelled requests have to write their 503 before
// their connections are cut.
const answerGrace = time.Second

// errStopping is the cause of contexts that the shutdown cancelled, which tells
// them from those of clients that left.
var errStopping = errors.New("the server is stopping")

// Serve answers requests on the listener, with TLS when it is configured, until
// ctx ends. Then it stops accepting and lets requests in flight finish for up to
// Config.ShutdownTimeout; those that do not are cancelled, and Serve returns
// code cancelled. It closes the listener and returns nil after a clean stop.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	return s.serve(ctx, ln, s.main, s.certs)
}

// ServeMonitor is Serve for health and metrics alone, without TLS.
func (s *Server) ServeMonitor(ctx context.Context, ln net.Listener) error {
	return s.serve(ctx, ln, s.monitor, nil)
}

func (s *Server) serve(ctx context.Context, ln net.Listener, h http.Handler, certs *certificates) error {
	// Requests outlive ctx: it only says when to stop taking new ones.
	requests, cancelRequests := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancelRequests(nil)
	srv := s.newHTTPServer(requests, h)
	ended := make(chan error, 1)
	go func() {
		if certs == nil {
			ended <- srv.Serve(ln)
			return
		}
		srv.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certs.get}
		ended <- srv.ServeTLS(ln, "", "")
	}()
	select {
	case err := <-ended:
		s.cut(srv)
		return fault.Wrap(err, fault.Unavailable, "the server stopped accepting connections: %s", reason(err))
	case <-ctx.Done():
	}
	err := s.drain(srv, cancelRequests)
	if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
		s.deps.Log.Warn("the listener failed while the server was stopping", "error", end)
	}
	return err
}

// cut closes every connection, whatever it is doing.
func (s *Server) cut(srv *http.Server) {
	if err := srv.Close(); err != nil {
		s.deps.Log.Debug("a listener was closed twice", "error", err)
	}
}

// drain lets requests finish, then cancels them, then cuts them off.
func (s *Server) drain(srv *http.Server, cancelRequests context.CancelCauseFunc) error {
	patient, cancel := context.WithTimeout(context.Background(), s.cfg.ShutdownTimeout)
	defer cancel()
	if srv.Shutdown(patient) == nil {
		return nil
	}
	s.deps.Log.Warn("requests did not finish in time and are cancelled", "timeout", s.cfg.ShutdownTimeout)
	cancelRequests(errStopping)
	short, cancelShort := context.WithTimeout(context.Background(), answerGrace)
	defer cancelShort()
	if srv.Shutdown(short) != nil {
		s.cut(srv)
	}
	return fault.New(fault.Cancelled, "requests in flight were cancelled after %s", s.cfg.ShutdownTimeout)
}

// newHTTPServer leaves ReadTimeout at zero: it is one deadline for header and
// body together, while bodies have tighter ones that move, see deadline.go.
func (s *Server) newHTTPServer(requests context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: s.cfg.ReadHeaderTimeout,
		WriteTimeout:      s.cfg.WriteTimeout,
		IdleTimeout:       s.cfg.IdleTimeout,
		MaxHeaderBytes:    s.cfg.MaxHeaderBytes,
		// What net/http logs is what clients did wrong.
		ErrorLog: slog.NewLogLogger(s.deps.Log.Handler(), slog.LevelDebug),
	}
}

// reason is the operating system's word for a network error.
func reason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return "network error"
}
