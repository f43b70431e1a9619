package kit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// hostile are the cases of callers that send what no friend would. After each
// the plugin must answer as before.
func hostile() []check {
	const (
		typed = "check what comes before using it, and answer invalid_argument; internal says that the plugin has a mistake"
		frame = "read the header with care: what is not understood is answered with an error, see plugins-sdk/ABI.md"
	)
	list := []check{
		{"an unknown operation is an error", frame, false, rawFrame(`{"op":"explode"}`, `null`)},
		{"a header that is no JSON is an error", frame, false, rawFrame(`{"op":`, `null`)},
		{"a header of another kind is an error", frame, false, rawFrame(`[1]`, `null`)},
		{"a header with wrong types is an error", frame, false, rawFrame(`{"op":"node","name":7,"deadline_ms":"soon"}`, `null`)},
		{"a header without an operation is an error", frame, false, rawFrame(`{}`, `null`)},
		{"an empty frame is an error", frame, false, rawFrame(``, ``)},
		{"a header that nests deeply is an error", frame, false, rawFrame(`{"op":"explode","params":`+nested(500)+`}`, ``)},
		{"a payload that is no JSON is no crash", typed, false, cutPayload},
		{"unknown fields of the header are passed over", "newer hosts send fields that older plugins do not know; pass them over", false, newerHeader},
	}
	for _, v := range []struct{ name, json string }{
		{"null", `null`},
		{"a text", `"text"`},
		{"a number", `-1.5e300`},
		{"a number beyond all", `1` + strings.Repeat("0", 400)},
		{"a truth value", `true`},
		{"an array", `[null,[],{},"x",1]`},
		{"an object of strangers", `{"":null,"__proto__":{"a":1},"constructor":[],"length":-1}`},
		{"500 levels", nested(500)},
		{"emoji, NUL and half characters", `{"😀\u0000":"\u0000\ud800","a":["é\u2028\u2029","\\","\""]}`},
	} {
		list = append(list, check{"payload: " + v.name, typed, false, everywhere(payload.Trusted([]byte(v.json)), payload.Value{})})
	}
	for _, v := range []struct{ name, json string }{
		{"null", `null`},
		{"an array", `[1,2,3]`},
		{"a text", `"text"`},
		{"strangers", `{"no_such_field":{"deep":[1]},"":null}`},
	} {
		list = append(list, check{"params: " + v.name, typed, false, everywhere(payload.Value{}, payload.Trusted([]byte(v.json)))})
	}
	return append(list, check{"params of wrong types", typed, false, wrongTypes}, check{"a body of bytes", typed, false, bytesAsBody})
}

func nested(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

// everywhere calls everything with a payload, or with params when there are some.
func everywhere(body, params payload.Value) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error {
		for _, m := range b.members() {
			var c ports.PluginCall
			c.Op, c.Name, c.Payload, c.Params = m.op, m.name, body, params
			if !params.IsZero() && m.op != ports.PluginNode {
				continue
			}
			if m.op == ports.PluginAction {
				c.Request = &ports.PluginRequest{ContentType: "application/json"}
			}
			if m.op == ports.PluginFunction && body.Kind() != payload.Array { // as scripts would
				c.Payload = payload.Trusted([]byte("[" + string(body.Bytes()) + "]"))
			}
			_, err := b.call(ctx, c, b.host)
			if err := blamed(err); err != nil {
				return fmt.Errorf("the %s: %w", m, err)
			}
		}
		return b.healthy(ctx)
	}
}

// wrongTypes gives every field of every example a value of another kind.
func wrongTypes(ctx context.Context, b *bench) error {
	for _, m := range b.members() {
		for _, e := range m.examples {
			c := m.callOf(e)
			for field := range e.Params.Fields() {
				for _, wrong := range []string{`null`, `{"a":[]}`, `[[1]]`, `-1`, `""`} {
					spoiled := c.PluginCall
					spoiled.Params = c.Params.With(field, payload.Trusted([]byte(wrong)))
					_, err := b.call(ctx, spoiled, b.host)
					if err := blamed(err); err != nil {
						return fmt.Errorf("the %s with %s = %s: %w", m, field, wrong, err)
					}
				}
			}
			for field := range e.Payload.Fields() {
				spoiled := c.PluginCall
				spoiled.Payload = c.Payload.With(field, payload.Trusted([]byte(`{"a":[[]]}`)))
				_, err := b.call(ctx, spoiled, b.host)
				if err := blamed(err); err != nil {
					return fmt.Errorf("the %s with a payload where %s is an object: %w", m, field, err)
				}
			}
		}
	}
	return b.healthy(ctx)
}

func bytesAsBody(ctx context.Context, b *bench) error {
	tried := false
	for _, a := range b.manifest.Actions {
		tried = true
		for _, body := range [][]byte{{}, []byte("plain text"), {0, 0xff, 0xfe, '<', '\n'}} {
			_, err := b.call(ctx, ports.PluginCall{Op: ports.PluginAction, Name: a.Name, Request: &ports.PluginRequest{
				Body: body, ContentType: "application/octet-stream",
				Query: map[string][]string{"": {""}, "q": {"1", "\x00"}}, Headers: map[string]string{"X-Odd": "\u00e9"},
			}}, b.host)
			if err := blamed(err); err != nil {
				return fmt.Errorf("the action %s: %w", a.Name, err)
			}
		}
	}
	if !tried {
		return skipped("it has no actions")
	}
	return b.healthy(ctx)
}

// rawFrame sends a frame as it is, and wants an error.
func rawFrame(header, body string) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error {
		answer, err := b.send(ctx, ports.PluginNode, header, body)
		if err != nil {
			return err
		}
		if answer.Error == nil {
			return errors.New("it answered with a result")
		}
		if !knownCode(string(answer.Error.Code)) {
			return fmt.Errorf("it answered with the unknown code %q", answer.Error.Code)
		}
		return b.healthy(ctx)
	}
}

// cutPayload sends a call whose payload ends too early.
func cutPayload(ctx context.Context, b *bench) error {
	for _, m := range b.members() {
		for _, body := range []string{`{"a":`, `[1,`, "\"\xff", `nul`, `{}{}`} {
			header := fmt.Sprintf(`{"op":%q,"name":%q}`, m.op, m.name)
			answer, err := b.send(ctx, m.op, header, body)
			if err != nil {
				return fmt.Errorf("the %s with the payload %s: %w", m, body, err)
			}
			if answer.Error != nil && answer.Error.Code == wire.Internal {
				return fmt.Errorf("the %s with the payload %s: it answered internal: %s", m, body, answer.Error.Message)
			}
		}
	}
	return b.healthy(ctx)
}

func newerHeader(ctx context.Context, b *bench) error {
	answer, err := b.send(ctx, ports.PluginDescribe, `{"op":"describe","of_tomorrow":{"a":[1]},"deadline_ms":5000}`, `null`)
	if err == nil && answer.Error != nil {
		err = fmt.Errorf("it answered %s: %s", answer.Error.Code, answer.Error.Message)
	}
	return err
}

// send sends a frame as it is and reads the answer's header.
func (b *bench) send(ctx context.Context, op ports.PluginOp, header, body string) (wire.Response, error) {
	var r wire.Response
	if err := b.ready(ctx); err != nil {
		return r, err
	}
	answer, err := calls.SendRaw(ctx, b.plugin, op, wire.Frame{Header: []byte(header), Payload: []byte(body)})
	if err != nil {
		return r, fmt.Errorf("it gave no answer: %w", err)
	}
	if err := payload.Trusted(answer.Header).Decode(&r); err != nil {
		return r, fmt.Errorf("the header of its answer is not what ABI.md says: %w", err)
	}
	return r, nil
}
