package plugins

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// host answers what one call of a plugin asks of its host. It is the one guard:
// every method asks the plugin's rights first.
type host struct {
	*Manager

	gen   *generation
	call  ports.PluginCall
	calls atomic.Int32
	lines atomic.Int32
}

var _ ports.PluginHost = (*host)(nil)

func (m *Manager) hostFor(g *generation, call ports.PluginCall) ports.PluginHost {
	return &host{Manager: m, gen: g, call: call}
}

// The bounds of one call.
const (
	maxHostCalls  = 10_000
	maxLogLines   = 1_000
	maxLogBytes   = 8 << 10 // of one line
	maxKeyBytes   = 512
	maxValueBytes = 256 << 10
	maxKeys       = 10_000 // of one space
)

// CallHost implements ports.PluginHost.
func (h *host) CallHost(ctx context.Context, method string, args payload.Value) (payload.Value, error) {
	if h.calls.Add(1) > maxHostCalls {
		return payload.Value{}, fault.New(fault.LimitExceeded, "the call asked its host more than %d times", maxHostCalls)
	}
	if args.Kind() != payload.Object {
		return payload.Value{}, fault.New(fault.Malformed, "the arguments of %s must be an object", method)
	}
	switch method {
	case "kv.get":
		return h.getValue(ctx, args)
	case "kv.set":
		return h.setValue(ctx, args)
	case "kv.delete":
		return h.deleteValue(ctx, args)
	case "http.fetch":
		return h.fetch(ctx, args)
	case "secret.get":
		return h.secret(args)
	case "log":
		return h.log(ctx, args)
	}
	return payload.Value{}, fault.New(fault.NotFound, "the host has no method %q; it has kv.get, kv.set, kv.delete, http.fetch, secret.get and log", method)
}

// place reads space and key, and asks for the right to the space.
func (h *host) place(args payload.Value) (space, key string, err error) {
	space, key = args.FieldText("space"), args.FieldText("key")
	if key == "" || len(key) > maxKeyBytes {
		return "", "", fault.New(fault.Malformed, "key must have 1 to %d bytes", maxKeyBytes).AtField("key")
	}
	return space, key, h.gen.rights.Permit(plugin.KV, space)
}

func (h *host) getValue(ctx context.Context, args payload.Value) (payload.Value, error) {
	space, key, err := h.place(args)
	if err != nil {
		return payload.Value{}, err
	}
	v, err := h.deps.Values.Value(ctx, space, key)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return payload.Trusted([]byte(`{"found":false,"value":null}`)), nil
	case err != nil:
		return payload.Value{}, err
	}
	return payload.From(map[string]any{"found": true, "value": v})
}

func (h *host) setValue(ctx context.Context, args payload.Value) (payload.Value, error) {
	space, key, err := h.place(args)
	if err != nil {
		return payload.Value{}, err
	}
	v, ok := args.Field("value")
	if !ok {
		return payload.Value{}, fault.New(fault.Malformed, "value is missing").AtField("value")
	}
	if len(v.Bytes()) > maxValueBytes {
		return payload.Value{}, fault.New(fault.TooLarge, "the value has %d bytes; the most is %d", len(v.Bytes()), maxValueBytes).AtField("value")
	}
	return payload.Value{}, h.deps.Values.PutValue(ctx, space, key, v, maxKeys)
}

func (h *host) deleteValue(ctx context.Context, args payload.Value) (payload.Value, error) {
	space, key, err := h.place(args)
	if err != nil {
		return payload.Value{}, err
	}
	return payload.Value{}, h.deps.Values.DeleteValue(ctx, space, key)
}

func (h *host) secret(args payload.Value) (payload.Value, error) {
	name := args.FieldText("name")
	if err := h.gen.rights.Permit(plugin.Secret, name); err != nil {
		return payload.Value{}, err
	}
	value, ok := h.gen.settings.Secrets[name]
	if !ok {
		return payload.Value{}, fault.New(fault.NotFound, "the secret %s has no value; set it in [plugins.secrets]", name)
	}
	return payload.Text(value), nil
}

func (h *host) log(ctx context.Context, args payload.Value) (payload.Value, error) {
	if n := h.lines.Add(1); n > maxLogLines {
		return payload.Value{}, fault.New(fault.LimitExceeded, "the call logged more than %d lines", maxLogLines)
	}
	message := args.FieldText("message")
	if len(message) > maxLogBytes {
		message = strings.ToValidUTF8(message[:maxLogBytes], "") + "..."
	}
	attrs := []any{"plugin", h.gen.manifest.Name}
	if h.call.Run != "" {
		attrs = append(attrs, "workflow", h.call.Workflow, "run", h.call.Run, "node", h.call.Node)
	}
	if fields, ok := args.Field("fields"); ok && len(fields.Bytes()) <= maxLogBytes {
		attrs = append(attrs, "fields", string(fields.Bytes()))
	}
	h.deps.Log.Log(ctx, level(args.FieldText("level")), message, attrs...)
	return payload.Value{}, nil
}

func level(name string) slog.Level {
	switch name {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}
