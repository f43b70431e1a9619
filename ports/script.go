package ports

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// ScriptEngine runs scripts, each in a pristine world of its own: nothing one
// run leaves behind can be seen by another.
type ScriptEngine interface {
	// Check parses a script without running it and tells what it finds
	// suspicious, in source order. A script that does not parse gives code
	// invalid with line and column in the author's source; one that takes too
	// much to parse gives limit_exceeded.
	Check(ctx context.Context, script node.Script) ([]policy.Finding, error)
	// Run runs a script to its end, including its promises and timers. It fails
	// with code script_failed when the script throws (line and column in the
	// author's source, thrown message), limit_exceeded when a limit stops it,
	// cancelled when ctx ends, or with the fault of a host call that the script
	// did not catch.
	Run(ctx context.Context, call ScriptCall) (node.ScriptResult, error)
}

// ScriptCall is everything one run of a script may see.
type ScriptCall struct {
	Name    string      // how stack traces call the code, such as "module form"
	Script  node.Script // with Code loaded
	Payload payload.Value
	Locals  payload.Value // values kept by c.Set, an object
	Limits  policy.Limits
	Host    Host
	// At is told where the script is, at loops, calls and whatever may take
	// long: the module, empty for the main script, and the place in its source.
	// It must be quick. It may be nil.
	At func(module string, line, column int)
}

// Host is the only way out of a script. Implementations are safe for use by one
// script at a time.
type Host interface {
	// Call runs a host function such as "http_get" with JSON arguments. A
	// missing argument is simply not there. Its fault is thrown into the script.
	Call(ctx context.Context, function string, args []payload.Value) (payload.Value, error)
	// Global returns a host-provided global variable such as "nflow_data". It is
	// asked only for names the script mentions and does not declare.
	Global(name string) (payload.Value, bool)
	// Request is the HTTP request being served; nil when there is none.
	Request() *Inbound
	// Module loads a stored module for require; code not_found when missing.
	Module(ctx context.Context, name string) (node.Script, error)
	// Log takes one line of console output; level is debug, info, warn or error.
	Log(level, line string)
}
