package http

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// firstRead is how much memory a request gets before any of its body arrived,
// whatever length it announces.
const firstRead = 32 << 10

// body reads the whole body. It fails with too_large above MaxBodyBytes,
// limit_exceeded when the client trickles, unsupported_media for a compressed
// body and malformed for broken chunks. Nil means there was none.
//
// Compressed bodies are refused rather than expanded: few clients send them, and
// a limit on expanded bytes still lets one request cost as much CPU as many.
func (ex *exchange) body() ([]byte, error) {
	r := ex.r
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		ex.Header().Set("Accept-Encoding", "identity") // RFC 7694
		return nil, fault.New(fault.UnsupportedMedia, "the body is encoded as %q; send it as it is", coding)
	}
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength > ex.s.cfg.MaxBodyBytes {
		return nil, ex.tooLarge()
	}
	return ex.readAll(r.Body, r.ContentLength)
}

func (ex *exchange) readAll(body io.Reader, announced int64) ([]byte, error) {
	limit := ex.s.cfg.MaxBodyBytes
	size := min(int64(firstRead), limit)
	if announced > 0 {
		size = min(size, announced)
	}
	b := make([]byte, 0, size+1) // one byte more, to see the end or the excess
	for {
		if len(b) == cap(b) {
			b = grown(b, limit+1)
		}
		n, err := body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)) > limit {
			return nil, ex.tooLarge()
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, ex.unread(err)
		}
		ex.progressed()
	}
}

// grown returns b with twice its capacity, at most limit.
func grown(b []byte, limit int64) []byte {
	wider := make([]byte, len(b), min(2*int64(cap(b)), limit))
	copy(wider, b)
	return wider
}

func (ex *exchange) tooLarge() error {
	ex.closeAfter()
	return fault.New(fault.TooLarge, "the body is larger than %d bytes", ex.s.cfg.MaxBodyBytes).
		OverLimit("server.max_body_bytes")
}

// unread turns an error of reading the body into a fault.
func (ex *exchange) unread(err error) error {
	ex.closeAfter()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		ex.late = true // net/http cancels the context here, but the client is still there
		return fault.New(fault.LimitExceeded, "the body did not arrive in time").OverLimit("server.read_timeout")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled), ex.r.Context().Err() != nil:
		ex.left = true
		return fault.Wrap(err, fault.Cancelled, "the client left before its body was complete")
	default:
		return fault.Wrap(err, fault.Malformed, "the body cannot be read; its framing is broken")
	}
}

// closeAfter ends an HTTP/1 connection whose body was not read to its end.
func (ex *exchange) closeAfter() {
	if ex.r.ProtoMajor == 1 {
		ex.Header().Set("Connection", "close")
	}
}

// What a client that closes its connection anyway may still send behind an
// answer, and for how long.
const (
	lingerBytes = 4 << 20
	lingerTime  = 500 * time.Millisecond
)

// linger gives a client that is still sending time to see its answer. To close a
// connection with unread bytes resets it, and a reset may overtake the answer.
// net/http takes this care unless the client asked to close the connection, as
// proxies do that speak HTTP/1.0.
func (ex *exchange) linger() {
	if !ex.r.Close || ex.r.ProtoMajor != 1 || ex.Header().Get("Connection") != "close" {
		return
	}
	if err := http.NewResponseController(ex.w).Flush(); err != nil {
		return // nobody there
	}
	ex.deadline((*http.ResponseController).SetReadDeadline, time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, ex.r.Body, lingerBytes) // whatever comes, it is thrown away
}
