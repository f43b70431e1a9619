package plugin

import (
	"bytes"
	"context"
	"encoding/base64"
	"maps"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Action is answered at POST /api/plugin/NAME/ACTION.
type Action struct {
	Name        string
	Description string
	// Params is the JSON Schema of a JSON body. Nil = none.
	Params   any
	Examples []Example

	// Run carries out the action. What it returns is the body, as JSON; a Reply
	// says more.
	Run func(ctx context.Context, r *Request) (any, error)
}

// Request is the HTTP request behind an action.
type Request struct {
	Query       map[string][]string
	Headers     map[string]string // those plugins may see
	ContentType string
	Caller      string // name of the API token

	// Body is the body as it came; IsJSON says that it is JSON. No body at all is
	// null.
	Body   []byte
	IsJSON bool
}

// Reply is an HTTP response in full. Body, when it is not nil, is sent as it is,
// and JSON is not used.
type Reply struct {
	Status      int // 0 = 200
	Headers     map[string]string
	JSON        any
	Body        []byte
	ContentType string // of Body; empty = application/octet-stream
}

// ActionOf is an action that takes JSON. Bodies that do not fit In are refused
// with InvalidArgument, naming the field. Out may be Reply or *Reply. The request
// is at hand with RequestFrom.
//
// It panics for an In that has no JSON Schema, such as one with channels.
func ActionOf[In, Out any](name, description string, fn func(ctx context.Context, in In) (Out, error)) Action {
	readBody := reader[In]("body", strict)
	return Action{Name: name, Description: description, Params: schemaOf[In](), Run: func(ctx context.Context, r *Request) (any, error) {
		if !r.IsJSON {
			return nil, Errorf(InvalidArgument, "the action %s takes JSON; send it with Content-Type application/json", name)
		}
		in, err := readBody(r.Body)
		if err != nil {
			return nil, err
		}
		return fn(ctx, in)
	}}
}

// WithExamples is the action with examples.
func (a Action) WithExamples(examples ...Example) Action {
	a.Examples = examples
	return a
}

// RequestFrom is the HTTP request of the action that ctx belongs to, without its
// body; empty elsewhere.
func RequestFrom(ctx context.Context) Request {
	s := stateFrom(ctx)
	if s == nil {
		return Request{}
	}
	r := s.request
	return Request{Query: r.Query, Headers: r.Headers, ContentType: r.ContentType, Caller: r.Caller}
}

// requestOf is the request of an action's call.
func requestOf(header wire.Request, payload []byte) (*Request, error) {
	r := &Request{Query: header.Query, Headers: header.Headers, ContentType: header.ContentType, Caller: header.Caller, Body: payload}
	switch header.Encoding {
	case "":
		r.IsJSON = true
		if len(payload) == 0 {
			r.Body = []byte("null")
		}
	case wire.Base64:
		var err error
		if r.Body, err = bytesOf(payload); err != nil {
			return nil, err
		}
	default:
		return nil, Errorf(InvalidArgument, "the encoding %q is unknown to this SDK", header.Encoding)
	}
	return r, nil
}

// actionAnswer is the frame that an action's call ends with.
func actionAnswer(result any) (wire.Frame, error) {
	var reply Reply
	switch r := result.(type) {
	case Reply:
		reply = r
	case *Reply:
		if r != nil {
			reply = *r
		}
	default:
		reply.JSON = result
	}
	header := wire.Response{Status: reply.Status, Headers: reply.Headers}
	if reply.Body == nil {
		b, err := encode(reply.JSON)
		if err != nil {
			return wire.Frame{}, err
		}
		return wire.New(header, b)
	}
	header.Encoding = wire.Base64
	header.Headers = maps.Clone(reply.Headers)
	if header.Headers == nil {
		header.Headers = map[string]string{}
	}
	if reply.ContentType != "" {
		header.Headers["Content-Type"] = reply.ContentType
	} else if header.Headers["Content-Type"] == "" {
		header.Headers["Content-Type"] = "application/octet-stream"
	}
	return wire.New(header, textOf(reply.Body))
}

// bytesOf reads a JSON string in base64. Base64 needs no escapes, so megabytes
// are not read as JSON first, which takes long in a module.
func bytesOf(raw []byte) ([]byte, error) {
	inner, opens := bytes.CutPrefix(raw, []byte{'"'})
	inner, closes := bytes.CutSuffix(inner, []byte{'"'})
	if !opens || !closes || bytes.ContainsAny(inner, "\\\r\n") {
		text, err := decode[string]("body", raw, strict)
		if err != nil {
			return nil, err
		}
		inner = []byte(text)
	}
	body, err := base64.StdEncoding.AppendDecode(make([]byte, 0, base64.StdEncoding.DecodedLen(len(inner))), inner)
	if err != nil {
		return nil, Errorf(InvalidArgument, "the body is not base64: %v", err)
	}
	return body, nil
}

// textOf is bytes as such a string.
func textOf(b []byte) []byte {
	out := make([]byte, 0, base64.StdEncoding.EncodedLen(len(b))+2)
	out = append(out, '"')
	out = base64.StdEncoding.AppendEncode(out, b)
	return append(out, '"')
}
