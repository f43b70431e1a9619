package calls

import (
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
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
	r := ports.PluginResult{Payload: value, Next: header.Next, Status: header.Status, Headers: header.Headers}
	switch {
	case op == ports.PluginNode && header.Emitted:
		return c.emissions(answer.Payload)
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

func (c *client) emissions(raw []byte) (ports.PluginResult, error) {
	var list []wire.Emission
	if err := json.Unmarshal(raw, &list); err != nil {
		return ports.PluginResult{}, c.broken("what it emitted is no array of {payload, next}: %v", err)
	}
	r := ports.PluginResult{Emitted: make([]ports.PluginEmission, len(list))}
	for i, e := range list {
		value, err := jsonOf(e.Payload)
		if err != nil {
			return ports.PluginResult{}, c.broken("what it emitted is not JSON: %v", err)
		}
		r.Emitted[i] = ports.PluginEmission{Payload: value, Next: e.Next}
	}
	return r, nil
}
