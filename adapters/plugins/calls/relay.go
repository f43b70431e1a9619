package calls

import (
	"context"
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// relay answers host calls of one call.
type relay struct {
	host ports.PluginHost
	max  int // bytes of an answer
}

// NoHost refuses all host calls, as describe and configure have none.
func NoHost(ctx context.Context, request wire.Frame) wire.Frame { return relay{}.answer(ctx, request) }

func (r relay) answer(ctx context.Context, request wire.Frame) wire.Frame {
	result, err := r.carryOut(ctx, request)
	if err != nil {
		return failureFrame(err)
	}
	f, err := wire.New(wire.HostResponse{}, result.Bytes())
	if err != nil {
		return failureFrame(err)
	}
	return f
}

func (r relay) carryOut(ctx context.Context, request wire.Frame) (payload.Value, error) {
	var header wire.HostRequest
	if err := json.Unmarshal(request.Header, &header); err != nil {
		return payload.Value{}, fault.New(fault.Malformed, "the header of the host call is not what ABI.md says")
	}
	args, err := jsonOf(request.Payload)
	if err != nil {
		return payload.Value{}, err
	}
	if args.IsZero() {
		args = payload.EmptyObject()
	}
	if r.host == nil {
		return payload.Value{}, fault.New(fault.Forbidden, "no host calls are answered now")
	}
	result, err := r.host.CallHost(ctx, string(header.Method), args)
	if err == nil && r.max > 0 && len(result.Bytes()) > r.max {
		err = fault.New(fault.TooLarge, "the answer has %d bytes; max_payload is %d", len(result.Bytes()), r.max)
	}
	return result, err
}
