package http

import "net/http"

// Routes as metrics and logs name them; never a raw path.
const (
	endpointRoute  = "/*"
	unmatchedRoute = "unmatched"
)

// front is the first handler a request meets.
type front struct {
	server    *Server
	surface   *surface
	endpoints bool // whether paths that are not reserved belong to workflows
	door      bool // whether the doorkeeper is asked first
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ex := f.server.begin(w, r)
	defer ex.end()
	if err := f.serve(ex); err != nil {
		ex.fail(err)
	}
}

func (f *front) serve(ex *exchange) error {
	if f.door {
		if err := ex.admit(); err != nil {
			return err
		}
	}
	if f.endpoints && !f.server.reserved.holds(ex.r.URL.Path) {
		ex.route = endpointRoute
		return f.server.serveEndpoint(ex)
	}
	return f.surface.serve(ex)
}
