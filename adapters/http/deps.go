package http

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Deps are what the server calls. All are required except Debug, Plugins and
// Doorkeeper.
type Deps struct {
	Endpoints     ports.Endpoints
	Executor      ports.Executor
	Publisher     ports.Publisher
	Catalog       ports.Catalog
	RunLog        ports.RunLog
	Library       ports.Library
	Authenticator ports.Authenticator
	Health        ports.Health
	Observer      ports.Observer
	Clock         ports.Clock
	// Metrics writes all metrics in the Prometheus text format.
	Metrics func(io.Writer)
	Log     *slog.Logger
	// Debug serves everything under /debug/ and does its own authorization; nil =
	// those paths answer 404.
	Debug http.Handler
	// Plugins may be nil: there are none then.
	Plugins ports.Plugins
	// Doorkeeper is asked first, for every request on the main address; nil = none
	// is refused there.
	Doorkeeper ports.Doorkeeper
}

func (d Deps) validate() fault.List {
	var faults fault.List
	for _, dep := range []struct {
		name    string
		missing bool
	}{
		{"Endpoints", d.Endpoints == nil},
		{"Executor", d.Executor == nil},
		{"Publisher", d.Publisher == nil},
		{"Catalog", d.Catalog == nil},
		{"RunLog", d.RunLog == nil},
		{"Library", d.Library == nil},
		{"Authenticator", d.Authenticator == nil},
		{"Health", d.Health == nil},
		{"Observer", d.Observer == nil},
		{"Clock", d.Clock == nil},
		{"Metrics", d.Metrics == nil},
		{"Log", d.Log == nil},
	} {
		if dep.missing {
			faults.Add(fault.New(fault.Internal, "the HTTP server was built without its %s", dep.name))
		}
	}
	return faults
}
