package flow

import "strings"

// NextField is the form field or query parameter that names the node at which a
// parked run goes on.
const NextField = "nflow_next_node_run"

// Continuation is what a path says about going on with a parked run.
type Continuation struct {
	Path string // the path without the parts below
	Node string // where to go on; may be empty
	Flow string // the flow of the node, when the path names it
	// Tracked is set when the path carries a tag (/nftk/...), as form actions do.
	Tracked bool
}

// ReadContinuation takes apart the spellings that form actions use:
// PATH/nftk/TAG, PATH/nftk/TAG/nfnext/NODE, PATH/nfnext/NODE,
// PATH/nflow_next_node_run/NODE and /nflow/node/run/FLOW/NODE.
func ReadContinuation(path string) Continuation {
	c := Continuation{Path: path}
	if !strings.Contains(path, "/nf") {
		return c
	}
	if rest, ok := strings.CutPrefix(path, "/nflow/node/run/"); ok {
		if flow, id, ok := strings.Cut(rest, "/"); ok && id != "" {
			return Continuation{Path: "/", Node: strings.TrimSuffix(id, "/"), Flow: flow}
		}
	}
	segments := strings.Split(path, "/")
	for i := 1; i < len(segments); i++ {
		var value string
		if i+1 < len(segments) {
			value = segments[i+1]
		}
		switch segments[i] {
		case "nftk":
			c.Tracked = true
		case "nfnext", NextField:
			c.Node = value
		default:
			continue
		}
		if c.Path == path {
			c.Path = "/" + strings.Join(segments[1:i], "/")
		}
		i++
	}
	return c
}
