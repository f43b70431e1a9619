package http

import (
	"errors"
	"net/http"
	"time"
)

// Deadlines guard against clients that trickle. The read deadline is armed for
// every request with a body, even one that is refused unread: net/http drains
// what is left of a small body before it answers. At the end of the body net/http
// clears the deadline itself, so that no run is cut by it.

// armRead starts the time a body has to arrive.
func (ex *exchange) armRead() {
	if ex.r.ContentLength == 0 || ex.r.Body == nil || ex.r.Body == http.NoBody {
		return
	}
	ex.bodyEnd = ex.started.Add(ex.s.cfg.ReadTimeout)
	ex.setPause(ex.started)
}

// progressed extends the deadline after a part of the body arrived.
func (ex *exchange) progressed() {
	now := time.Now()
	if ex.bodyPause.Sub(now) < ex.s.cfg.StallTimeout/2 {
		ex.setPause(now)
	}
}

func (ex *exchange) setPause(now time.Time) {
	ex.bodyPause = now.Add(ex.s.cfg.StallTimeout)
	if ex.bodyPause.After(ex.bodyEnd) {
		ex.bodyPause = ex.bodyEnd
	}
	ex.deadline((*http.ResponseController).SetReadDeadline, ex.bodyPause)
}

// disarmWrite keeps HTTP/2 from resetting a stream while its run is under way.
// With HTTP/1 a deadline that passes before anything is written does no harm.
func (ex *exchange) disarmWrite() {
	if ex.r.ProtoMajor > 1 {
		ex.deadline((*http.ResponseController).SetWriteDeadline, time.Time{})
	}
}

// armWrite gives the answer its full time. net/http armed it when the request
// came in, so short HTTP/1 requests need nothing.
func (ex *exchange) armWrite() {
	now := time.Now()
	if ex.r.ProtoMajor > 1 || now.Sub(ex.started) > ex.s.cfg.WriteTimeout/8 {
		ex.deadline((*http.ResponseController).SetWriteDeadline, now.Add(ex.s.cfg.WriteTimeout))
	}
}

func (ex *exchange) deadline(set func(*http.ResponseController, time.Time) error, at time.Time) {
	err := set(http.NewResponseController(ex.w), at)
	if err != nil && !errors.Is(err, http.ErrNotSupported) { // not supported: no connection, as in a recorder
		ex.log().Debug("cannot set a deadline of the connection", "error", err)
	}
}
