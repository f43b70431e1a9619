//go:build linux

package process_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/plugintest"
)

func TestSuite(t *testing.T) {
	plugintest.Run(t, plugintest.Subject{
		Loader: func(t testing.TB) ports.PluginLoader {
			cfg, _ := quick(t)
			cfg.Grace = process.Config{}.Grace // the default
			return newLoader(t, cfg)
		},
		Artifact: plugintest.BuildNative(t),
		Bounded:  true,
	})
}
