package plugin

import (
	"context"
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Host does for a plugin what it may do. Every failure is an *Error:
// PermissionDenied for what was not granted.
type Host struct{ call HostFunc }

// HostFrom is the host of the call that ctx belongs to. It is good for that call
// only, and safe for concurrent use. Outside of a call everything is denied.
func HostFrom(ctx context.Context) Host {
	if s := stateFrom(ctx); s != nil && s.host != nil {
		return Host{s.host}
	}
	return Host{func(context.Context, wire.Frame) wire.Frame {
		return wire.Failure(Errorf(PermissionDenied, "there is no host outside of a call"))
	}}
}

// Call carries out any method, such as one younger than this SDK. Args is an
// object; result points to what the answer is decoded into, or is nil.
func (h Host) Call(ctx context.Context, method string, args, result any) error {
	b, err := encode(args)
	if err != nil {
		return err
	}
	request, err := wire.New(wire.HostRequest{Method: wire.Method(method)}, b)
	if err != nil {
		return reported(err)
	}
	answer := h.call(ctx, request)
	var header wire.HostResponse
	if err := json.Unmarshal(answer.Header, &header); err != nil {
		return Errorf(Internal, "the host's answer to %s has a header that is not what ABI.md says: %v", method, err)
	}
	if header.Error != nil {
		return header.Error
	}
	if result == nil || len(answer.Payload) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer.Payload, result); err != nil {
		return Errorf(Internal, "the host's answer to %s does not fit: %v", method, err)
	}
	return nil
}

// Secret gives the value of a secret, which needs the capability secret.
func (h Host) Secret(ctx context.Context, name string) (string, error) {
	var value string
	err := h.Call(ctx, string(wire.Secret), map[string]any{"name": name}, &value)
	return value, err
}

// KV is a space of the key-value store, which needs the capability kv. Its
// values are JSON, and shared by all instances of nFlow.
type KV struct {
	host  Host
	space string
}

// KV is the space of that name.
func (h Host) KV(space string) KV { return KV{h, space} }

// Get decodes the value of a key into what into points to. It reports whether
// there is one.
func (kv KV) Get(ctx context.Context, key string, into any) (bool, error) {
	var answer struct {
		Found bool            `json:"found"`
		Value json.RawMessage `json:"value"`
	}
	if err := kv.host.Call(ctx, string(wire.KVGet), kv.args(key), &answer); err != nil || !answer.Found {
		return false, err
	}
	if err := json.Unmarshal(answer.Value, into); err != nil {
		return true, Errorf(Internal, "the value of %q in %q does not fit: %v", key, kv.space, err)
	}
	return true, nil
}

// Set writes the value of a key.
func (kv KV) Set(ctx context.Context, key string, value any) error {
	args := kv.args(key)
	args["value"] = value
	return kv.host.Call(ctx, string(wire.KVSet), args, nil)
}

// Delete removes a key; there need not be one.
func (kv KV) Delete(ctx context.Context, key string) error {
	return kv.host.Call(ctx, string(wire.KVDelete), kv.args(key), nil)
}

func (kv KV) args(key string) map[string]any { return map[string]any{"space": kv.space, "key": key} }
