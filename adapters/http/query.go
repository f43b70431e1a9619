package http

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// defaultPage is how many entries a list has when the client does not say.
const defaultPage = 50

// queryOf returns the query parameters of a list; a misspelt one is an error,
// for ignoring it would answer another question.
func (ex *exchange) queryOf(known ...string) (url.Values, error) {
	values, err := ex.anyQuery()
	if err != nil {
		return nil, err
	}
	for name, given := range values {
		if !slices.Contains(known, name) {
			return nil, fault.New(fault.Malformed, "unknown query parameter %s; known are %s",
				quoted([]string{name}), strings.Join(known, ", "))
		}
		if len(given) > 1 || !isPlain(given[0]) {
			return nil, fault.New(fault.Malformed, "the query parameter %s must be given once, as plain text", name).
				AtField(name)
		}
	}
	return values, nil
}

// anyQuery returns the query parameters, whatever they are called.
func (ex *exchange) anyQuery() (url.Values, error) {
	values, err := url.ParseQuery(ex.r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Malformed, "the query is not properly URL-encoded")
	}
	return values, nil
}

// number reads an optional number of the query.
func number(values url.Values, name string, fallback, lowest, highest int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < lowest || n > highest {
		return 0, fault.New(fault.Malformed, "%s must be a number from %d to %d", name, lowest, highest).AtField(name)
	}
	return n, nil
}

// Cursors are opaque to clients: what they hold may change.

func encodeCursor(after string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(after))
}

func decodeCursor(cursor string) (string, error) {
	after, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", fault.New(fault.Malformed, "the cursor must be the next of an earlier answer").AtField("cursor")
	}
	return string(after), nil
}
