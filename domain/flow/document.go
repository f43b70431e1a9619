package flow

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// Bounds of a document.
const (
	MaxNodes = 10_000
	MaxBytes = 8 << 20
)

// Document is a workflow as its author wrote it, whatever the spelling.
type Document struct {
	ID        string // as written in the document; may be empty
	Name      string
	DefaultJS string            // auth() and log() of the application
	Nodes     []node.Definition // in a stable order
	Warnings  fault.List
	// Drawing is set for what the designer exports, where one document holds
	// several flows and unfinished parts are normal.
	Drawing bool
}

// Key names a node within a document.
type Key struct{ Flow, ID string }

func keyOf(d node.Definition) Key { return Key{d.Flow, d.ID} }

// String is how messages name the node.
func (k Key) String() string {
	if k.Flow == "" {
		return k.ID
	}
	return k.Flow + "/" + k.ID
}
