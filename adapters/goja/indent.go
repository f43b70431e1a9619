package goja

import (
	"bytes"
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// indented lays JSON out over lines. Nested values grow by their depth, so the
// result is bounded like every other answer.
func indented(b []byte, indent string, limit int) ([]byte, error) {
	const widest = 16
	if len(indent) > widest {
		indent = indent[:widest]
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", indent); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the JSON cannot be indented")
	}
	if out.Len() > limit {
		return nil, fault.New(fault.LimitExceeded, "the answer is larger than %d bytes", limit).OverLimit(limitPayload)
	}
	return out.Bytes(), nil
}
