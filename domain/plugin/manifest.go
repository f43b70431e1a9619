package plugin

import (
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// ABI is the version of the plugin contract this runtime speaks.
const ABI = 1

// Manifest is what a plugin says of itself, in nflow-plugin.json beside it and
// when it is asked.
type Manifest struct {
	Name        string `json:"name"`    // a-z, 0-9, _ and -, at most 64, beginning with a letter
	Version     string `json:"version"` // semantic version
	ABI         int    `json:"abi"`
	Description string `json:"description,omitempty"`

	Nodes     []Node     `json:"nodes,omitempty"`
	Functions []Function `json:"functions,omitempty"`
	Actions   []Action   `json:"actions,omitempty"`

	// Capabilities the plugin cannot work without, and those it can.
	Capabilities Capabilities `json:"capabilities,omitzero"`
	Optional     Capabilities `json:"optional_capabilities,omitzero"`
}

// Node is a node type. A workflow uses it as "NAME.TYPE", such as "hello.greet".
type Node struct {
	Type        string        `json:"type"`
	Description string        `json:"description,omitempty"`
	Params      payload.Value `json:"params,omitzero"`   // JSON Schema of the node's fields
	Outputs     []string      `json:"outputs,omitempty"` // names Next may have; empty = any
	Examples    []Example     `json:"examples,omitempty"`
}

// Function is what scripts call as plugins.NAME.FUNCTION(...).
type Function struct {
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
	Params      payload.Value `json:"params,omitzero"` // JSON Schema of the array of arguments
	Examples    []Example     `json:"examples,omitempty"`
}

// Action is answered at POST /api/plugin/NAME/ACTION.
type Action struct {
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
	Params      payload.Value `json:"params,omitzero"` // JSON Schema of a JSON body
	Examples    []Example     `json:"examples,omitempty"`
}

// Example is a call that works; `nflow plugin test` makes it.
type Example struct {
	Params  payload.Value `json:"params,omitzero"`  // of a node
	Payload payload.Value `json:"payload,omitzero"` // payload, array of arguments or body
	Result  payload.Value `json:"result,omitzero"`  // what must come back; zero = anything
	Next    string        `json:"next,omitempty"`   // the output a node must choose
}

// Capabilities name what a plugin wants from its host.
type Capabilities struct {
	HTTP   []string `json:"http,omitempty"`   // host names it may call; *.example.com for all below
	KV     []string `json:"kv,omitempty"`     // spaces of the key-value store
	Env    []string `json:"env,omitempty"`    // environment variables it gets
	Secret []string `json:"secret,omitempty"` // names of secrets
	FS     []string `json:"fs,omitempty"`     // directories it sees, such as /data, read only
}

// Kind is one kind of capability.
type Kind string

// The kinds, as manifests and configurations spell them.
const (
	HTTP   Kind = "http"
	KV     Kind = "kv"
	Env    Kind = "env"
	Secret Kind = "secret"
	FS     Kind = "fs"
)
