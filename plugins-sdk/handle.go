package plugin

import (
	"context"
	"encoding/json"
	"time"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Call answers one frame of the contract; transports use it. Panics are theirs
// to catch.
func (p *Plugin) Call(ctx context.Context, request wire.Frame, host HostFunc) wire.Frame {
	answer, _ := p.respond(ctx, request, host)
	return answer
}

// respond is Call, which also says whether the answer is a failure.
func (p *Plugin) respond(ctx context.Context, request wire.Frame, host HostFunc) (answer wire.Frame, failed bool) {
	var header wire.Request
	if err := json.Unmarshal(request.Header, &header); err != nil {
		return wire.Failure(reported(misfit("header", err))), true
	}
	if header.DeadlineMS > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(header.DeadlineMS)*time.Millisecond)
		defer cancel()
	}
	s := &callState{request: header, host: host}
	answer, err := p.answer(context.WithValue(ctx, stateKey{}, s), s, request.Payload)
	if err != nil {
		return wire.Failure(reported(err)), true
	}
	return answer, false
}

func (p *Plugin) answer(ctx context.Context, s *callState, payload json.RawMessage) (wire.Frame, error) {
	switch s.request.Op {
	case wire.Describe:
		b, err := p.ManifestJSON()
		if err != nil {
			return wire.Frame{}, err
		}
		return wire.New(wire.Response{}, b)
	case wire.Configure:
		if err := p.configure(ctx, payload); err != nil {
			return wire.Frame{}, err
		}
		return wire.New(wire.Response{}, nil)
	case wire.Node:
		return p.node(ctx, s, payload)
	case wire.Function:
		return p.function(ctx, s, payload)
	case wire.Action:
		return p.action(ctx, s, payload)
	}
	return wire.Frame{}, Errorf(InvalidArgument, "the operation %q is unknown to this SDK", s.request.Op)
}

func (p *Plugin) configure(ctx context.Context, settings json.RawMessage) error {
	if p.Configure != nil {
		return p.Configure(ctx, settings)
	}
	members, err := decode[map[string]json.RawMessage]("settings", orEmptyObject(settings), strict)
	if err != nil {
		return err
	}
	if len(members) > 0 {
		return Errorf(InvalidArgument, "the plugin %s takes no settings", p.Name)
	}
	return nil
}

func (p *Plugin) node(ctx context.Context, s *callState, payload json.RawMessage) (wire.Frame, error) {
	for _, n := range p.Nodes {
		if n.Type != s.request.Name {
			continue
		}
		result, err := n.Run(ctx, s.request.Params, payload)
		if err != nil {
			return wire.Frame{}, err
		}
		return s.nodeAnswer(n.Outputs, result)
	}
	return wire.Frame{}, Errorf(NotFound, "the plugin %s has no node %q", p.Name, s.request.Name)
}

func (p *Plugin) function(ctx context.Context, s *callState, payload json.RawMessage) (wire.Frame, error) {
	for _, f := range p.Functions {
		if f.Name != s.request.Name {
			continue
		}
		args, err := decode[[]json.RawMessage]("args", orEmptyArray(payload), strict)
		if err != nil {
			return wire.Frame{}, err
		}
		result, err := f.Run(ctx, args)
		if err != nil {
			return wire.Frame{}, err
		}
		b, err := encode(result)
		if err != nil {
			return wire.Frame{}, err
		}
		return wire.New(wire.Response{}, b)
	}
	return wire.Frame{}, Errorf(NotFound, "the plugin %s has no function %q", p.Name, s.request.Name)
}

func (p *Plugin) action(ctx context.Context, s *callState, payload json.RawMessage) (wire.Frame, error) {
	for _, a := range p.Actions {
		if a.Name != s.request.Name {
			continue
		}
		r, err := requestOf(s.request, payload)
		if err != nil {
			return wire.Frame{}, err
		}
		result, err := a.Run(ctx, r)
		if err != nil {
			return wire.Frame{}, err
		}
		return actionAnswer(result)
	}
	return wire.Frame{}, Errorf(NotFound, "the plugin %s has no action %q", p.Name, s.request.Name)
}

func orEmptyArray(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("[]")
	}
	return raw
}
