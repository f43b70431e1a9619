// Package plugintest is what every loader of plugins must do: one suite that
// WebAssembly inside the server, in a process of its own, and native programs all
// run, with a plugin that does all it may and all it should not.
//
// It refuses to know an implementation. What a transport cannot do is said by its
// Subject.
package plugintest

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// Subject is a loader under test.
type Subject struct {
	// Loader is closed at the end of the test, if it has to be.
	Loader func(t testing.TB) ports.PluginLoader
	// Artifact is the probe as the loader takes it; see BuildWASM and BuildNative.
	Artifact []byte
	// Bounded says that plugins get no more than PluginSpec.MemoryBytes.
	Bounded bool
	// Sandboxed says that plugins see nothing but the mounts and environment of
	// their spec. Native programs see more; they are trusted.
	Sandboxed bool
	// Tune changes the spec of every plugin, if set.
	Tune func(spec *ports.PluginSpec)
}

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s Subject)
	}{
		{"Describe", testDescribe},
		{"Configure", testConfigure},
		{"Refuses", testRefuses},
		{"Functions", testFunctions},
		{"Nodes", testNodes},
		{"Actions", testActions},
		{"Faults", testFaults},
		{"Payloads", testPayloads},
		{"Host", testHost},
		{"HostDenies", testHostDenies},
		{"HostEnds", testHostEnds},
		{"Deadline", testDeadline},
		{"Cancellation", testCancellation},
		{"Crashes", testCrashes},
		{"Memory", testMemory},
		{"Concurrency", testConcurrency},
		{"Neighbours", testNeighbours},
		{"Output", testOutput},
		{"Environment", testEnvironment},
		{"Files", testFiles},
		{"Close", testClose},
		{"Goroutines", testGoroutines},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}
