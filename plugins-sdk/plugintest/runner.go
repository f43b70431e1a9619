package plugintest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Runner calls one plugin. It is safe for concurrent use.
type Runner struct {
	plugin *plugin.Plugin
	// Host is what the plugin's calls talk to.
	Host *Host
}

// New runs p with a host of its own.
func New(p *plugin.Plugin) *Runner { return &Runner{plugin: p, Host: newHost(p)} }

// Output is what a node or a function gave back.
type Output struct {
	Payload json.RawMessage
	Next    string // of a node; empty = its default output
	// Emitted is what a node emitted, instead of Payload and Next.
	Emitted []Emission
}

// Emission is one firing of a node's output.
type Emission = wire.Emission

// Decode reads the payload into what into points to.
func (o Output) Decode(into any) error { return json.Unmarshal(o.Payload, into) }

// Configure hands settings to the plugin.
func (r *Runner) Configure(ctx context.Context, settings any) error {
	_, _, err := r.call(ctx, wire.Request{Op: wire.Configure}, settings, nil)
	return err
}

// Node calls a node. Errors are *plugin.Error, as nFlow sees them.
func (r *Runner) Node(ctx context.Context, typ string, params, payload any) (Output, error) {
	raw, err := encode(params)
	if err != nil {
		return Output{}, err
	}
	if string(raw) == "null" {
		raw = nil
	}
	request := wire.Request{Op: wire.Node, Name: typ, Params: raw, Workflow: "workflow", Run: "run", Node: "node"}
	header, body, err := r.call(ctx, request, payload, r.Host.answer)
	if err != nil || !header.Emitted {
		return Output{Payload: body, Next: header.Next}, err
	}
	var out Output
	if err := json.Unmarshal(body, &out.Emitted); err != nil {
		return out, fmt.Errorf("what the node emitted: %w", err)
	}
	return out, nil
}

// Function calls a function.
func (r *Runner) Function(ctx context.Context, name string, args ...any) (Output, error) {
	if args == nil {
		args = []any{}
	}
	request := wire.Request{Op: wire.Function, Name: name, Workflow: "workflow", Run: "run", Node: "node"}
	_, body, err := r.call(ctx, request, args, r.Host.answer)
	return Output{Payload: body}, err
}

// Request is an HTTP request for an action: JSON, or bytes when Body is set.
type Request struct {
	JSON        any
	Body        []byte
	Query       map[string][]string
	Headers     map[string]string
	ContentType string
	Caller      string
}

// Response is an action's HTTP response: JSON, or bytes when Body is not nil.
type Response struct {
	Status  int
	Headers map[string]string
	JSON    json.RawMessage
	Body    []byte
}

// Action calls an action.
func (r *Runner) Action(ctx context.Context, name string, in Request) (Response, error) {
	request := wire.Request{Op: wire.Action, Name: name, Query: in.Query, Headers: in.Headers, ContentType: in.ContentType, Caller: in.Caller}
	payload := in.JSON
	if in.Body != nil {
		request.Encoding, payload = wire.Base64, base64.StdEncoding.EncodeToString(in.Body)
	} else if request.ContentType == "" {
		request.ContentType = "application/json"
	}
	header, body, err := r.call(ctx, request, payload, r.Host.answer)
	if err != nil {
		return Response{}, err
	}
	out := Response{Status: header.Status, Headers: header.Headers, JSON: body}
	if out.Status == 0 {
		out.Status = 200
	}
	if header.Encoding == wire.Base64 {
		out.JSON = nil
		if err := json.Unmarshal(body, &out.Body); err != nil {
			return out, fmt.Errorf("the bytes of the answer: %w", err)
		}
	}
	return out, nil
}

// call carries a call there and back as a transport would.
func (r *Runner) call(ctx context.Context, request wire.Request, payload any, host plugin.HostFunc) (wire.Response, json.RawMessage, error) {
	var header wire.Response
	body, err := encode(payload)
	if err != nil {
		return header, nil, err
	}
	f, err := wire.New(request, body)
	if err != nil {
		return header, nil, err
	}
	answer := r.plugin.Call(ctx, f, host)
	if answer, err = wire.Parse(answer.Append(nil)); err != nil {
		return header, nil, err
	}
	if err := json.Unmarshal(answer.Header, &header); err != nil {
		return header, nil, fmt.Errorf("the header of the answer: %w", err)
	}
	if header.Error != nil {
		return header, nil, header.Error
	}
	if len(answer.Payload) == 0 {
		answer.Payload = []byte("null")
	}
	if !json.Valid(answer.Payload) {
		return header, nil, fmt.Errorf("the plugin answered with what is no JSON: %.100q", answer.Payload)
	}
	return header, answer.Payload, nil
}

func encode(v any) (json.RawMessage, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("what the test sends is no JSON: %w", err)
	}
	return b, nil
}
