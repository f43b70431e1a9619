package calls

import (
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Bounds of what stands around a payload.
const (
	maxEmissions   = 100_000 // of one call
	maxHeaders     = 64
	maxHeaderBytes = 32 << 10 // names and values together
	maxNext        = 256      // bytes
)

// decode reads an answer: a result, or the failure it reports.
func (c *client) decode(op ports.PluginOp, answer wire.Frame) (ports.PluginResult, error) {
	var header wire.Response
	if err := json.Unmarshal(answer.Header, &header); err != nil {
		return ports.PluginResult{}, c.broken("the header of its answer is not what ABI.md says: %v", err)
	}
	if header.Error != nil {
		return ports.PluginResult{}, faultOf(c.spec.Name, header.Error)
	}
	if size := len(answer.Payload); c.spec.MaxPayload > 0 && size > c.spec.MaxPayload {
		return ports.PluginResult{}, c.broken("its answer has %d bytes; its max_payload is %d", size, c.spec.MaxPayload)
	}
	value, err := jsonOf(answer.Payload)
	if err != nil {
		return ports.PluginResult{}, c.broken("the payload of its answer is not JSON: %v", err)
	}
	if err := c.bound(header); err != nil {
		return ports.PluginResult{}, err
	}
	r := ports.PluginResult{Payload: value, Next: header.Next, Status: header.Status, Headers: header.Headers}
	switch {
	case op == ports.PluginNode && header.Emitted:
		return c.emissions(value)
	case op == ports.PluginAction && header.Encoding == wire.Base64:
		if r.Body, err = bytesOf(answer.Payload); err != nil {
			return ports.PluginResult{}, c.broken("the body of its answer is not base64")
		}
	case op == ports.PluginAction && header.Encoding != "":
		return ports.PluginResult{}, c.broken("the encoding %q of its answer is unknown", header.Encoding)
	}
	if r.Status != 0 && (r.Status < 200 || r.Status > 599) {
		return ports.PluginResult{}, c.broken("its answer has the HTTP status %d", r.Status)
	}
	return r, nil
}

// bound refuses headers nobody needs.
func (c *client) bound(header wire.Response) error {
	size := 0
	for name, value := range header.Headers {
		size += len(name) + len(value)
	}
	switch {
	case len(header.Headers) > maxHeaders || size > maxHeaderBytes:
		return c.broken("its answer has %d headers of %d bytes; the most is %d of %d", len(header.Headers), size, maxHeaders, maxHeaderBytes)
	case len(header.Next) > maxNext:
		return c.broken("the name of the output it chose has %d bytes; the most is %d", len(header.Next), maxNext)
	}
	return nil
}

// emissions takes one after the other, as a few megabytes can be millions.
func (c *client) emissions(all payload.Value) (ports.PluginResult, error) {
	if all.Kind() != payload.Array {
		return ports.PluginResult{}, c.broken("what it emitted is no array of {payload, next}")
	}
	r := ports.PluginResult{Emitted: []ports.PluginEmission{}}
	for i, item := range all.Items() {
		if i >= maxEmissions {
			return ports.PluginResult{}, c.broken("it emitted more than %d times in one call", maxEmissions)
		}
		var e wire.Emission
		if err := json.Unmarshal(item.Bytes(), &e); err != nil {
			return ports.PluginResult{}, c.broken("what it emitted at %d is no {payload, next}", i)
		}
		if len(e.Next) > maxNext {
			return ports.PluginResult{}, c.broken("the name of the output it chose has %d bytes; the most is %d", len(e.Next), maxNext)
		}
		value, err := jsonOf(e.Payload)
		if err != nil {
			return ports.PluginResult{}, c.broken("what it emitted is not JSON: %v", err)
		}
		r.Emitted = append(r.Emitted, ports.PluginEmission{Payload: value, Next: e.Next})
	}
	return r, nil
}
