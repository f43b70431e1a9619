package ports

import (
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// DocumentFormat reads workflow documents of another tool. The flat format needs
// none: the core reads it itself.
type DocumentFormat interface {
	// Matches tells by its outer shape whether a document is of this format.
	Matches(doc payload.Value) bool
	// Decode reads a matching document; every fault comes back at once, as a
	// fault.List.
	Decode(doc payload.Value) (flow.Document, error)
}
