package http

import (
	"net/http"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// exchange is one request and what became of it. It is the ResponseWriter of
// everything below the front and counts what is written.
type exchange struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	vars    map[string]string // of the matched route, decoded
	started time.Time
	id      string
	route   string // a pattern
	subject string // name of the token, once authorized
	runID   string

	clientIP  string           // once somebody asked
	allowance policy.Allowance // of the tightest bucket; zero = none counted

	runs bool // a workflow ran: its faults are not the caller's
	left bool // the client was seen to leave
	late bool // the client was too slow with its body
	call bool // POST /api/workflow, whose problems have more members

	bodyEnd   time.Time // when the whole body must have arrived; zero = no body
	bodyPause time.Time // the read deadline that is set

	status  int
	bytes   int64
	idValue [1]string // the backing of the X-Request-Id header
}

func (s *Server) begin(w http.ResponseWriter, r *http.Request) *exchange {
	ex := &exchange{s: s, w: w, r: r, started: time.Now(), route: unmatchedRoute}
	ex.id = s.ids.of(r.Header.Get("X-Request-Id"))
	ex.idValue[0] = ex.id
	w.Header()["X-Request-Id"] = ex.idValue[:]
	ex.armRead()
	ex.disarmWrite()
	return ex
}

// Header implements http.ResponseWriter.
func (ex *exchange) Header() http.Header { return ex.w.Header() }

// WriteHeader implements http.ResponseWriter.
func (ex *exchange) WriteHeader(status int) {
	if ex.status == 0 && status >= http.StatusOK {
		ex.status = status
		ex.rateHeader(ex.w.Header())
		ex.armWrite()
	}
	ex.w.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (ex *exchange) Write(b []byte) (int, error) {
	if ex.status == 0 {
		ex.WriteHeader(http.StatusOK)
	}
	n, err := ex.w.Write(b)
	ex.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (ex *exchange) Unwrap() http.ResponseWriter { return ex.w }
