package calls

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// HostFunc answers a host call of a plugin. It never fails: what goes wrong is
// in the answer.
type HostFunc func(ctx context.Context, request wire.Frame) wire.Frame

// Transport carries frames to one plugin. It is safe for concurrent use.
type Transport interface {
	// Call carries out one call and relays host calls to host, in the order the
	// plugin makes them. It ends with ctx, whatever the plugin does. Its faults
	// are those of the transport: plugin_failed, limit_exceeded, unavailable,
	// cancelled. What the plugin reports is in the frame.
	Call(ctx context.Context, op wire.Op, request wire.Frame, host HostFunc) (wire.Frame, error)
	State() ports.PluginState
	Close(ctx context.Context) error
}

// client is a plugin behind a transport.
type client struct {
	Transport

	spec ports.PluginSpec
}

var _ ports.Plugin = (*client)(nil)

// New makes a plugin of a transport.
func New(t Transport, spec ports.PluginSpec) ports.Plugin {
	return &client{Transport: t, spec: spec}
}

// Call implements ports.Plugin.
func (c *client) Call(ctx context.Context, call ports.PluginCall, host ports.PluginHost) (ports.PluginResult, error) {
	request, err := encodeCall(ctx, call)
	if err != nil {
		return ports.PluginResult{}, err
	}
	if size := len(request.Payload); c.spec.MaxPayload > 0 && size > c.spec.MaxPayload {
		return ports.PluginResult{}, fault.New(fault.TooLarge, "the payload for the plugin %s has %d bytes; its max_payload is %d", c.spec.Name, size, c.spec.MaxPayload)
	}
	relay := relay{host: host, max: c.spec.MaxPayload}
	if call.Op == ports.PluginDescribe || call.Op == ports.PluginConfigure { // as transports of processes have it
		relay.host = nil
	}
	answer, err := c.Transport.Call(ctx, wire.Op(call.Op), request, relay.answer)
	if err == nil && ctx.Err() != nil { // too late, as host calls that ended with ctx may have shaped it
		err = fault.Wrap(context.Cause(ctx), fault.Cancelled, "the call was over")
	}
	if err != nil {
		return ports.PluginResult{}, c.explain(ctx, err)
	}
	return c.decode(call.Op, answer)
}

// explain names the plugin in a transport's fault, and what ended the call.
func (c *client) explain(ctx context.Context, err error) error {
	f := fault.As(err)
	if cause := context.Cause(ctx); cause != nil && (f.Code == fault.Cancelled || f.Code == fault.Internal) {
		if ended := fault.As(cause); ended.Code != fault.Internal {
			return ended
		}
		if ctx.Err() == context.DeadlineExceeded {
			return fault.New(fault.LimitExceeded, "the plugin %s took too long", c.spec.Name).OverLimit("plugins.call_timeout")
		}
		return fault.Wrap(cause, fault.Cancelled, "the call of the plugin %s was cancelled", c.spec.Name)
	}
	named := *f
	named.Message = "plugin " + c.spec.Name + ": " + f.Message
	return &named
}

// broken is the fault of a plugin that does not keep to the contract.
func (c *client) broken(format string, args ...any) error {
	return fault.New(fault.PluginFailed, "plugin "+c.spec.Name+": "+format, args...)
}

// jsonOf reads what a plugin claims to be JSON; nothing is null.
func jsonOf(b []byte) (payload.Value, error) {
	if len(b) == 0 {
		return payload.Value{}, nil
	}
	return payload.Parse(b)
}
