package plugin

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Call tells a handler who calls it.
type Call struct {
	Name string // of the node, function or action

	// The run that calls; empty for actions.
	Workflow, Run, Node string
}

// CallFrom is the call that ctx belongs to; the zero Call outside of one.
func CallFrom(ctx context.Context) Call {
	s := stateFrom(ctx)
	if s == nil {
		return Call{}
	}
	return Call{Name: s.request.Name, Workflow: s.request.Workflow, Run: s.request.Run, Node: s.request.Node}
}

// Next chooses the output that the node of this call follows, such as "output_2".
// It does nothing outside of a node's call.
func Next(ctx context.Context, output string) {
	if s := stateFrom(ctx); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.next = output
	}
}

// Emit fires an output of the node of this call with a payload; an empty output
// is the default one. A node may emit any number of times, in order. Once it has,
// what it returns is not used. Emit fails for a payload that is no JSON.
func Emit(ctx context.Context, payload any, output string) error {
	b, err := encode(payload)
	if err != nil {
		return err
	}
	s := stateFrom(ctx)
	if s == nil {
		return Errorf(Internal, "plugin.Emit was called outside of a node")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitted = append(s.emitted, wire.Emission{Payload: b, Next: output})
	return nil
}

// callState is what belongs to one call.
type callState struct {
	request wire.Request
	host    HostFunc

	mu      sync.Mutex
	next    string
	emitted []wire.Emission
}

type stateKey struct{}

func stateFrom(ctx context.Context) *callState {
	s, _ := ctx.Value(stateKey{}).(*callState)
	return s
}

// nodeAnswer is the frame that a node's call ends with.
func (s *callState) nodeAnswer(outputs []string, result any) (wire.Frame, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.emitted == nil {
		if err := knownOutput(outputs, s.next); err != nil {
			return wire.Frame{}, err
		}
		b, err := encode(result)
		if err != nil {
			return wire.Frame{}, err
		}
		return wire.New(wire.Response{Next: s.next}, b)
	}
	for _, e := range s.emitted {
		if err := knownOutput(outputs, e.Next); err != nil {
			return wire.Frame{}, err
		}
	}
	b, err := encode(s.emitted)
	if err != nil {
		return wire.Frame{}, err
	}
	return wire.New(wire.Response{Emitted: true}, b)
}

func knownOutput(outputs []string, next string) error {
	if next == "" || len(outputs) == 0 || slices.Contains(outputs, next) {
		return nil
	}
	return Errorf(Internal, "the node chose the output %q, which is none of its outputs %q", next, outputs)
}

// Trusted is JSON that a handler vouches for, such as a big document it did not
// change: it is sent without being looked at. nFlow checks it, and treats a plugin
// that sends anything else as broken.
type Trusted []byte

// encode is a result as JSON.
func encode(v any) (json.RawMessage, error) {
	if trusted, ok := v.(Trusted); ok {
		return json.RawMessage(trusted), nil
	}
	if raw, ok := v.(json.RawMessage); ok {
		if len(raw) == 0 {
			return json.RawMessage("null"), nil
		}
		if !json.Valid(raw) {
			return nil, Errorf(Internal, "the plugin gave back bytes that are no JSON")
		}
		return raw, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, Errorf(Internal, "what the plugin gave back cannot be JSON: %v", err)
	}
	return b, nil
}
