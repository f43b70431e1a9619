package plugin

import (
	"context"
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Plugin is everything a plugin offers.
type Plugin struct {
	// Name is how workflows, scripts and URLs call it: a-z, 0-9, _ and -, at most
	// 64, beginning with a letter.
	Name        string
	Version     string // semantic version, such as 1.2.0
	Description string

	Nodes     []Node
	Functions []Function
	Actions   []Action

	// Capabilities are those the plugin cannot work without: nFlow does not load it
	// unless all are granted. Optional ones may be missing; using one then fails
	// with PermissionDenied.
	Capabilities Capabilities
	Optional     Capabilities

	// Configure takes the operator's settings before the first call; see
	// ConfigureOf. An error keeps the plugin from being loaded. Nil = the plugin has
	// no settings.
	Configure func(ctx context.Context, settings json.RawMessage) error
}

// Capabilities name what a plugin wants from its host.
type Capabilities struct {
	HTTP   []string `json:"http,omitempty"`   // host names for Fetch, such as api.example.com or *.example.com
	KV     []string `json:"kv,omitempty"`     // spaces of the key-value store
	Env    []string `json:"env,omitempty"`    // environment variables
	Secret []string `json:"secret,omitempty"` // names of secrets
	FS     []string `json:"fs,omitempty"`     // directories, such as /data, read only
}

// Example is a call that works. Examples document a plugin, and `nflow plugin
// test` makes them.
type Example struct {
	Params  any    // of a node
	Payload any    // the payload, the array of arguments or the body
	Result  any    // what must come back; nil = anything
	Next    string // the output a node must choose; empty = its default one
}

// ConfigureOf makes Plugin.Configure of a function that takes its settings as a
// struct. Settings that do not fit it are refused, naming the field.
func ConfigureOf[T any](fn func(ctx context.Context, settings T) error) func(context.Context, json.RawMessage) error {
	read := reader[T]("settings", strict)
	return func(ctx context.Context, raw json.RawMessage) error {
		settings, err := read(orEmptyObject(raw))
		if err != nil {
			return err
		}
		return fn(ctx, settings)
	}
}

// registered is the plugin of this program. A module's exports and Serve find it
// here, as nothing can be handed to them.
var registered *Plugin

// Register makes p the plugin of this program and returns it. It panics when
// there is one already: a program is one plugin.
func Register(p *Plugin) *Plugin {
	if registered != nil {
		panic("plugin.Register was called twice; a program is one plugin")
	}
	registered = p
	return p
}

// current is the registered plugin, or one that says that there is none.
func current() *Plugin {
	if registered != nil {
		return registered
	}
	return &Plugin{Configure: func(context.Context, json.RawMessage) error {
		return Errorf(Internal, "this program never called plugin.Register")
	}}
}

func orEmptyObject(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return json.RawMessage("{}")
	}
	return raw
}

// HostFunc carries out one host call: a frame with a wire.HostRequest is
// answered by one with a wire.HostResponse.
type HostFunc = func(ctx context.Context, request wire.Frame) wire.Frame
