package goja_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/goja"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/sandboxtest"
)

func TestConformance(t *testing.T) {
	sandboxtest.Run(t, sandboxtest.Subject{
		Engine: func(testing.TB) ports.ScriptEngine { return goja.New(goja.Config{Functions: sandboxtest.Functions()}) },
	})
}
