package egress

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// readBody reads a body of at most limit bytes, counted after decompression.
// One that announces to be longer is not read at all.
func readBody(res *http.Response, limit int) ([]byte, error) {
	if res.ContentLength > int64(limit) && res.Request.Method != http.MethodHead {
		return nil, tooLarge(limit)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(body) > limit {
		return nil, tooLarge(limit)
	}
	return body, nil
}

func tooLarge(limit int) error {
	return fault.New(fault.LimitExceeded, "the answer is larger than %d bytes", limit).OverLimit("limits.max_response_bytes")
}

// reason is the text after the status code, such as "OK".
func reason(res *http.Response) string {
	text, ok := strings.CutPrefix(res.Status, strconv.Itoa(res.StatusCode)+" ")
	if !ok {
		return http.StatusText(res.StatusCode)
	}
	return text
}

// lines lists a header by name.
func lines(h http.Header) []node.Header {
	out := make([]node.Header, 0, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			out = append(out, node.Header{Name: name, Value: value})
		}
	}
	return out
}
