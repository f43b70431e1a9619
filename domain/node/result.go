package node

import "github.com/arturoeanton/nflow-runtime/domain/payload"

// Result answers a Request.
type Result interface{ result() }

// Header is one HTTP header line.
type Header struct{ Name, Value string }

// Reply is an HTTP answer.
type Reply struct {
	Status int
	Header []Header
	Body   []byte
}

// ScriptResult is what a script left behind.
type ScriptResult struct {
	Payload payload.Value
	Next    string        // name of the chosen output
	Reply   *Reply        // nil when the script did not respond
	Header  []Header      // to be added to the answer, whoever gives it
	Locals  payload.Value // zero when c.Set was not called
}

// HTTPResult is what an HTTP server answered.
type HTTPResult struct {
	Status int
	Reason string // such as "OK"
	Header []Header
	Body   []byte
}

// QueryResult holds one value for each statement, shaped by its mode.
type QueryResult struct{ Values []payload.Value }

// RenderResult is a rendered text.
type RenderResult struct{ Text string }

// PluginResult is what a plugin's node gave back.
type PluginResult struct {
	Payload payload.Value
	Next    string // name of the chosen output; empty = the default one
	// Emitted is set instead when the node fired any number of times, also none.
	Emitted []Emission
}

// Emission is one firing of a node's output.
type Emission struct {
	Payload payload.Value
	Next    string // name of the output; empty = the default one
}

// Done answers a request that gives nothing back.
type Done struct{}

func (ScriptResult) result() {}
func (HTTPResult) result()   {}
func (QueryResult) result()  {}
func (RenderResult) result() {}
func (PluginResult) result() {}
func (Done) result()         {}
