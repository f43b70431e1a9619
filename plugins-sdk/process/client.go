package process

import (
	"context"

	"google.golang.org/grpc"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/proto"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Client calls one plugin. It is safe for concurrent use.
type Client struct{ rpc proto.PluginClient }

// NewClient calls the plugin at the other end of a connection.
func NewClient(conn grpc.ClientConnInterface) *Client {
	return &Client{rpc: proto.NewPluginClient(conn)}
}

// Describe asks for the manifest, which is the payload of the answer. The error
// is a gRPC status.
func (c *Client) Describe(ctx context.Context) (wire.Frame, error) {
	r, err := c.rpc.Describe(ctx, &proto.DescribeRequest{})
	if err != nil {
		return wire.Frame{}, err
	}
	return wire.Frame{Header: []byte("{}"), Payload: r.GetManifest()}, nil
}

// Configure hands over the operator's settings, a JSON object. What the plugin
// has against them is in the answer; the error is a gRPC status.
func (c *Client) Configure(ctx context.Context, settings []byte) (wire.Frame, error) {
	r, err := c.rpc.Configure(ctx, &proto.ConfigureRequest{Settings: settings})
	if err != nil {
		return wire.Frame{}, err
	}
	return frame(r.GetResult()), nil
}
