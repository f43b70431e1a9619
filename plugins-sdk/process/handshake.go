package process

import (
	"context"
	"errors"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/internal/stdout"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/proto"
)

// What nFlow and its plugins agree on before they speak. ABI.md says the same.
const (
	// ProtocolVersion is that of the application protocol in go-plugin's handshake.
	ProtocolVersion = 1
	// CookieKey is the environment variable that tells a program that nFlow started
	// it as a plugin; CookieValue is what it holds. It is no secret.
	CookieKey   = stdout.CookieKey
	CookieValue = stdout.CookieValue
	// PluginName is the one entry of go-plugin's map of plugins.
	PluginName = "nflow"
)

// Handshake is what go-plugin compares when a plugin starts.
func Handshake() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{ProtocolVersion: ProtocolVersion, MagicCookieKey: CookieKey, MagicCookieValue: CookieValue}
}

// Plugins is go-plugin's map of plugins for a host. Dispensing PluginName gives
// a *Client.
func Plugins() goplugin.PluginSet { return goplugin.PluginSet{PluginName: &link{}} }

// link is what go-plugin knows of a plugin: how to serve it and how to reach it.
type link struct {
	goplugin.NetRPCUnsupportedPlugin

	server *server // of the plugin's side only
}

var _ goplugin.GRPCPlugin = (*link)(nil)

// GRPCServer implements goplugin.GRPCPlugin.
func (l *link) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	if l.server == nil {
		return errors.New("this side only calls plugins")
	}
	proto.RegisterPluginServer(s, l.server)
	return nil
}

// GRPCClient implements goplugin.GRPCPlugin.
func (l *link) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewClient(conn), nil
}
