package memory_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/storetest"
)

func TestSessions(t *testing.T) {
	storetest.RunSessions(t, func(*testing.T) ports.SessionStore { return memory.New() })
}
