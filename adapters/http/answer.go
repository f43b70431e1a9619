package http

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// ownHeaders are those of every answer that the server itself gives: never
// guessed at, never kept by a cache.
func (ex *exchange) ownHeaders(contentType string) {
	header := ex.Header()
	header.Set("Content-Type", contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
}

// json answers with a value.
func (ex *exchange) json(status int, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fault.Wrap(err, fault.Internal, "cannot encode the answer")
	}
	ex.raw(status, "application/json", b.Bytes())
	return nil
}

// raw answers with bytes as they are.
func (ex *exchange) raw(status int, contentType string, body []byte) {
	ex.ownHeaders(contentType)
	ex.send(status, body)
}

// noContent answers 204.
func (ex *exchange) noContent() error {
	ex.Header().Set("Cache-Control", "no-store")
	ex.send(http.StatusNoContent, nil)
	return nil
}
