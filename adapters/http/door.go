package http

import "time"

// doorRoute is the route of requests that were turned away before anybody looked
// where they go.
const doorRoute = "rate_limit"

// A short body is read to its end behind a refusal, so that its connection can
// be kept, but it gets little time for that. A longer one, or one of unknown
// length, is left unread and its connection closed.
const (
	drainable = 32 << 10
	drainTime = time.Second
)

// admit asks the doorkeeper, if there is one, before anything of the request is
// read.
func (ex *exchange) admit() error {
	door := ex.s.deps.Doorkeeper
	if door == nil {
		return nil
	}
	// A path that cannot be decoded is nobody's: it is never an excluded one.
	path, err := decodedPath(ex.r.URL.EscapedPath(), ex.r.URL.Path)
	if err != nil {
		path = ""
	}
	allowance, err := door.Admit(ex.r.Context(), ex.client(), path)
	ex.counted(allowance)
	if err == nil {
		return nil
	}
	ex.route = doorRoute
	if ex.bodyEnd.IsZero() { // no body
		return err
	}
	if ex.r.ContentLength < 0 || ex.r.ContentLength > drainable {
		ex.closeAfter()
	}
	ex.bodyEnd = ex.started.Add(drainTime)
	ex.setPause(ex.started)
	return err
}
