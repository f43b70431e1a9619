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
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ex := f.server.begin(w, r)
	defer ex.end()
	var err error
	if f.endpoints && !f.server.reserved.holds(r.URL.Path) {
		ex.route = endpointRoute
		err = f.server.serveEndpoint(ex)
	} else {
		err = f.surface.serve(ex)
	}
	if err != nil {
		ex.fail(err)
	}
}
