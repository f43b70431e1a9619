package plugin

import (
	"context"
	"encoding/json"
)

// Node is a node type. Workflows use it as "NAME.TYPE", such as "hello.greet".
type Node struct {
	Type        string
	Description string
	// Params is the JSON Schema of the node's fields: anything that is an object
	// as JSON. Nil = none.
	Params any
	// Outputs are the names that Next and Emit may choose; none = any.
	Outputs  []string
	Examples []Example

	// Run carries out the node: params are its fields, payload is the workflow's.
	// What it returns is the new payload, as JSON.
	Run func(ctx context.Context, params, payload json.RawMessage) (any, error)
}

// NodeOf is a node of typed values. Params, a struct, gives the schema of the
// fields; members without omitempty or omitzero are required, and a jsonschema
// tag describes one. Unknown fields are refused. Of the payload, members that In
// does not have are passed over.
//
// It panics for a type that has no JSON Schema, such as one with channels.
func NodeOf[Params, In, Out any](typ, description string, fn func(ctx context.Context, params Params, payload In) (Out, error)) Node {
	readParams, readPayload := reader[Params]("params", strict), reader[In]("payload", lenient)
	return Node{
		Type: typ, Description: description, Params: schemaOf[Params](),
		Run: func(ctx context.Context, rawParams, rawPayload json.RawMessage) (any, error) {
			params, err := readParams(orEmptyObject(rawParams))
			if err != nil {
				return nil, err
			}
			payload, err := readPayload(rawPayload)
			if err != nil {
				return nil, err
			}
			return fn(ctx, params, payload)
		},
	}
}

// WithOutputs is the node with the names of its outputs.
func (n Node) WithOutputs(names ...string) Node {
	n.Outputs = names
	return n
}

// WithExamples is the node with examples.
func (n Node) WithExamples(examples ...Example) Node {
	n.Examples = examples
	return n
}
