package attack

import "github.com/arturoeanton/nflow-runtime/ports"

// NewHost is the host of the attacks, for tests from outside.
func NewHost() ports.Host { return &host{} }
