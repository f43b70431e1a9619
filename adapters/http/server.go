package http

import (
	"context"
	"net"
	"net/http"

	"github.com/gorilla/securecookie"
	"github.com/klauspost/compress/gzhttp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Server answers HTTP requests. It is safe for concurrent use.
type Server struct {
	deps     Deps
	cfg      Config
	kinds    map[fault.Code]kind
	ids      *requestIDs
	cookies  *securecookie.SecureCookie
	certs    *certificates // nil without TLS
	main     http.Handler
	monitor  http.Handler
	reserved reservedPaths
	origins  *origins
}

// New builds a server. It returns every fault of the dependencies and the
// configuration at once, and fails when the TLS files cannot be read.
func New(deps Deps, cfg Config) (*Server, error) {
	faults := deps.validate()
	if err := cfg.Validate(); err != nil {
		faults = append(faults, faultsOf(err)...)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	origins, err := newOrigins(cfg.CrossOrigin)
	if err != nil {
		return nil, err
	}
	s := &Server{
		deps:     deps,
		cfg:      cfg,
		kinds:    kinds(),
		ids:      newRequestIDs(),
		cookies:  newCookies(cfg.CookieKey),
		reserved: newReservedPaths(cfg),
		origins:  origins,
	}
	if cfg.TLSCert != "" {
		certs, err := loadCertificates(cfg.TLSCert, cfg.TLSKey, deps.Log)
		if err != nil {
			return nil, err
		}
		s.certs = certs
	}
	s.main = &front{server: s, surface: newSurface(s.resources()), endpoints: true, door: true}
	s.monitor = &front{server: s, surface: newSurface(s.monitorResources(true))}
	if cfg.Compression {
		compress, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.SetContentType(false))
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "cannot set up compression")
		}
		s.main, s.monitor = compress(s.main), compress(s.monitor)
	}
	return s, nil
}

// Handler is everything the server serves on its main address.
func (s *Server) Handler() http.Handler { return s.main }

// Monitor is health and metrics alone, for a listener of their own.
func (s *Server) Monitor() http.Handler { return s.monitor }

// Listen opens Config.Address. It fails with code unavailable.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	return listen(ctx, s.cfg.Address, "server.address")
}

// ListenMonitor opens Config.MonitorAddress. It fails with code unavailable.
func (s *Server) ListenMonitor(ctx context.Context) (net.Listener, error) {
	return listen(ctx, s.cfg.MonitorAddress, "monitor.metrics_port")
}

func listen(ctx context.Context, address, setting string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "cannot listen on %s: %s", address, reason(err)).AtField(setting)
	}
	return ln, nil
}
