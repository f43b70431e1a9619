package calls

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// SendRaw sends a frame as it is, however little it keeps to the contract, and
// returns the answer's frame. Host calls are refused. It is for judging plugins;
// code invalid when the plugin was not made by New.
func SendRaw(ctx context.Context, p ports.Plugin, op ports.PluginOp, frame wire.Frame) (wire.Frame, error) {
	c, ok := p.(*client)
	if !ok {
		return wire.Frame{}, fault.New(fault.Invalid, "frames cannot be sent to a %T", p)
	}
	answer, err := c.Transport.Call(ctx, wire.Op(op), frame, relay{max: c.spec.MaxPayload}.answer)
	if err != nil {
		return wire.Frame{}, c.explain(ctx, err)
	}
	return answer, nil
}
