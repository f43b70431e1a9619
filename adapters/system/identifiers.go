package system

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Identifiers = Identifiers{}

// secretBytes is the size of a secret: 256 bits.
const secretBytes = 32

// Identifiers makes names from the machine's cryptographic random source.
type Identifiers struct{}

// NewIdentifiers returns a source of names.
func NewIdentifiers() Identifiers { return Identifiers{} }

// RunID returns a UUID of version 7: 36 characters that sort by the time they
// were made, strictly increasing within the process.
func (Identifiers) RunID() string {
	// NewV7 fails only when the random source does, and crypto/rand ends the
	// process itself in that case, so there is no failure left to report.
	return uuid.Must(uuid.NewV7()).String()
}

// Secret returns 43 characters of the URL safe base64 alphabet that hold 256
// random bits.
func (Identifiers) Secret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // documented never to fail
	return base64.RawURLEncoding.EncodeToString(b[:])
}
