package calls

import (
	"context"
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Handler serves a transport to somebody who sends frames, such as the parent of
// the process the transport is in.
type Handler struct{ Transport Transport }

// Call carries out one call. What goes wrong with the transport is reported as a
// plugin reports its failures.
func (h Handler) Call(ctx context.Context, request wire.Frame, host func(context.Context, wire.Frame) wire.Frame) wire.Frame {
	var header wire.Request
	if err := json.Unmarshal(request.Header, &header); err != nil {
		return failureFrame(fault.New(fault.Malformed, "the header of the call is not what ABI.md says"))
	}
	answer, err := h.Transport.Call(ctx, header.Op, request, host)
	if err != nil {
		return failureFrame(err)
	}
	return answer
}
