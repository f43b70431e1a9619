package wire

import "encoding/json"

// ABI is the version of the contract that this package describes.
const ABI = 1

// Op is what a call asks for.
type Op string

// The operations. Payloads are JSON.
const (
	Describe  Op = "describe"  // payload null; answered by the manifest
	Configure Op = "configure" // payload: the operator's settings, an object; answered by null
	Node      Op = "node"      // payload: the workflow's; answered by the new one
	Function  Op = "function"  // payload: the arguments, an array; answered by the result
	Action    Op = "action"    // payload: the body of the request; answered by that of the response
)

// Base64 is the encoding of a body that is not JSON: the payload is a JSON
// string that holds it in base64 (RFC 4648, with padding).
const Base64 = "base64"

// Request is the header of a call.
type Request struct {
	Op   Op     `json:"op"`
	Name string `json:"name,omitempty"` // of the node, function or action
	// DeadlineMS is how many milliseconds are left; after them nobody waits for
	// the answer.
	DeadlineMS int64 `json:"deadline_ms,omitempty"`

	// The run that calls; empty for actions.
	Workflow string `json:"workflow,omitempty"`
	Run      string `json:"run,omitempty"`
	Node     string `json:"node,omitempty"`

	// Params are the node's fields as its workflow gives them, an object.
	Params json.RawMessage `json:"params,omitempty"`

	// The HTTP request of an action.
	Query       map[string][]string `json:"query,omitempty"`
	Headers     map[string]string   `json:"headers,omitempty"`
	ContentType string              `json:"content_type,omitempty"`
	Caller      string              `json:"caller,omitempty"`   // name of the API token
	Encoding    string              `json:"encoding,omitempty"` // empty, or Base64
}

// Response is the header of an answer.
type Response struct {
	Error *Error `json:"error,omitempty"`

	// Next is the output a node follows; empty = its default one.
	Next string `json:"next,omitempty"`
	// Emitted says that a node fired several times: the payload is an array of
	// Emission, in order.
	Emitted bool `json:"emitted,omitempty"`

	// The HTTP response of an action.
	Status   int               `json:"status,omitempty"` // 0 = 200
	Headers  map[string]string `json:"headers,omitempty"`
	Encoding string            `json:"encoding,omitempty"` // empty, or Base64
}

// Emission is one firing of a node's output.
type Emission struct {
	Payload json.RawMessage `json:"payload"`
	Next    string          `json:"next,omitempty"`
}

// HostRequest is the header of a call to the host. Its payload is an object of
// arguments.
type HostRequest struct {
	Method Method `json:"method"`
}

// HostResponse is the header of the host's answer.
type HostResponse struct {
	Error *Error `json:"error,omitempty"`
}

// Method is something the host does for a plugin.
type Method string

// The methods, with the shapes of their arguments and results.
const (
	KVGet    Method = "kv.get"     // {"space","key"} -> {"found":bool,"value":any}
	KVSet    Method = "kv.set"     // {"space","key","value":any} -> null
	KVDelete Method = "kv.delete"  // {"space","key"} -> null
	HTTP     Method = "http.fetch" // {"method","url","headers":{},"body","body_base64","timeout_ms"} -> {"status","headers":{},"body","body_base64"}
	Secret   Method = "secret.get" // {"name"} -> "value"
	Log      Method = "log"        // {"level":"debug|info|warn|error","message","fields":{}} -> null
)
