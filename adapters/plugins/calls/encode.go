package calls

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// encodeCall is the frame of a call.
func encodeCall(ctx context.Context, call ports.PluginCall) (wire.Frame, error) {
	r := wire.Request{
		Op: wire.Op(call.Op), Name: call.Name,
		Workflow: call.Workflow, Run: call.Run, Node: call.Node,
		DeadlineMS: millisLeft(ctx),
	}
	if !call.Params.IsZero() {
		r.Params = call.Params.Bytes()
	}
	body := call.Payload.Bytes()
	if a := call.Request; a != nil {
		r.Query, r.Headers, r.ContentType, r.Caller = a.Query, a.Headers, a.ContentType, a.Caller
		if a.Body != nil {
			r.Encoding = wire.Base64
			body = textOf(a.Body)
		}
	}
	f, err := wire.New(r, body)
	if err != nil {
		return f, fault.Wrap(err, fault.Internal, "cannot encode a call of a plugin")
	}
	return f, nil
}

// millisLeft is how long a caller waits, rounded up, so that no plugin stops
// before its caller does; 0 = for ever.
func millisLeft(ctx context.Context) int64 {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(1, (time.Until(deadline) + time.Millisecond - 1).Milliseconds())
}

// textOf is bytes as a JSON string in base64, which needs no escapes.
func textOf(b []byte) []byte {
	out := make([]byte, 0, base64.StdEncoding.EncodedLen(len(b))+2)
	out = append(out, '"')
	out = base64.StdEncoding.AppendEncode(out, b)
	return append(out, '"')
}

// bytesOf reads such a string.
func bytesOf(raw []byte) ([]byte, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}
