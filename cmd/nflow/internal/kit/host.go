package kit

import (
	"context"
	"sync"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// hostFunc answers host calls.
type hostFunc func(method string, args payload.Value) (payload.Value, error)

// CallHost implements ports.PluginHost.
func (h hostFunc) CallHost(_ context.Context, method string, args payload.Value) (payload.Value, error) {
	return h(method, args)
}

func deny(method string, _ payload.Value) (payload.Value, error) {
	return payload.Value{}, fault.New(fault.Forbidden, "%s was not granted to the plugin", method)
}

func breakDown(string, payload.Value) (payload.Value, error) {
	return payload.Value{}, fault.New(fault.Unavailable, "the host is out of order").Retry(1)
}

// giving is a host that has what is asked for: values are kept, secrets are
// invented, lines are taken. There is no network.
type giving struct {
	mu      sync.Mutex
	values  map[string]payload.Value
	network bool // somebody asked for it
}

var _ ports.PluginHost = (*giving)(nil)

// CallHost implements ports.PluginHost.
func (g *giving) CallHost(_ context.Context, method string, args payload.Value) (payload.Value, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	place := args.FieldText("space") + "\x00" + args.FieldText("key")
	switch method {
	case "kv.get":
		v, found := g.values[place]
		return payload.From(map[string]any{"found": found, "value": v})
	case "kv.set":
		g.values[place], _ = args.Field("value")
		return payload.Value{}, nil
	case "kv.delete":
		delete(g.values, place)
		return payload.Value{}, nil
	case "secret.get":
		return payload.Text("secret-of-the-kit"), nil
	case "log":
		return payload.Value{}, nil
	case "http.fetch":
		g.network = true
		return payload.Value{}, fault.New(fault.Unavailable, "there is no network while a plugin is tried")
	}
	return payload.Value{}, fault.New(fault.NotFound, "the host has no method %q", method)
}

// asked reports whether the network was, since the last time.
func (g *giving) asked() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.network
	g.network = false
	return was
}
