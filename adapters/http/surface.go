package http

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// anyMethod is the key of an action that takes every method.
const anyMethod = ""

// resource is a path of the fixed API. A template that ends in a slash stands
// for everything below it.
type resource struct {
	template string
	actions  map[string]action // by method
}

// action is one method of a resource.
type action struct {
	scope   ports.Scope // empty = public
	patient bool        // RequestTimeout does not apply
	do      func(ex *exchange) error
}

// surface is a set of resources, found by gorilla/mux. The router is used for
// matching alone: it matches the path as it was sent, never cleans or redirects
// it, and so an id may hold any character in its escaped form.
type surface struct {
	router    *mux.Router
	resources map[string]resource // by template
}

func newSurface(resources []resource) *surface {
	s := &surface{router: mux.NewRouter().UseEncodedPath().SkipClean(true), resources: make(map[string]resource)}
	for _, res := range resources {
		s.resources[res.template] = res
		if strings.HasSuffix(res.template, "/") {
			s.router.PathPrefix(res.template).Name(res.template)
			continue
		}
		s.router.Path(res.template).Name(res.template)
	}
	return s
}

func (s *surface) serve(ex *exchange) error {
	var match mux.RouteMatch
	if !s.router.Match(ex.r, &match) {
		return fault.New(fault.NotFound, "there is nothing at this path")
	}
	ex.route = match.Route.GetName()
	res := s.resources[ex.route]
	act, found := res.action(ex.r.Method)
	if !found {
		return fault.New(fault.MethodNotAllowed, "this path takes %s", res.allowed()).AtField(res.allowed())
	}
	if act.scope != "" {
		if err := ex.authorize(act.scope); err != nil {
			return err
		}
	}
	if err := ex.setVars(match.Vars); err != nil {
		return err
	}
	if act.patient {
		return act.do(ex)
	}
	return ex.within(ex.s.cfg.RequestTimeout, act.do)
}

// within runs an action that must not take longer than a timeout. Afterwards the
// request has its own context back, which alone tells whether the client left.
func (ex *exchange) within(timeout time.Duration, do func(*exchange) error) error {
	original := ex.r
	ctx, cancel := context.WithTimeout(original.Context(), timeout)
	defer cancel()
	ex.r = original.WithContext(ctx)
	err := do(ex)
	ex.r = original
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Unavailable, "the request took longer than %s", timeout).
			OverLimit("server.request_timeout")
	}
	return err
}

func (res resource) action(method string) (action, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	act, found := res.actions[method]
	if !found {
		act, found = res.actions[anyMethod]
	}
	return act, found
}

// allowed is the value of an Allow header.
func (res resource) allowed() string {
	var methods []string
	for method := range res.actions {
		methods = append(methods, method)
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

// maxNameBytes is the longest id or name in a path.
const maxNameBytes = 200

func (ex *exchange) setVars(escaped map[string]string) error {
	ex.vars = make(map[string]string, len(escaped))
	for name, value := range escaped {
		plain, err := url.PathUnescape(value)
		if err != nil || !isPlain(plain) || len(plain) > maxNameBytes {
			return fault.New(fault.Malformed,
				"the %s in the path must be 1 to %d bytes of UTF-8 without control characters", name, maxNameBytes)
		}
		ex.vars[name] = plain
	}
	return nil
}
