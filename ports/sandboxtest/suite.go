// Package sandboxtest is what every script engine must do: one suite that the
// engine inside the server and the one in child processes both run.
//
// It refuses to know an implementation. What only a process of its own can stop
// is marked, and listed in docs/sandbox.md; a subject that cannot stop it has to
// say so.
package sandboxtest

import (
	"slices"
	"testing"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// Subject is an engine under test.
type Subject struct {
	// Engine opens an engine, closed at the end of the test, that hands calls of
	// Functions to its host. Tests use it concurrently, and one for many runs.
	Engine func(t testing.TB) ports.ScriptEngine
	// Hard says that the engine stops scripts inside native code, Bounded that it
	// bounds their memory to HardMemory, which a program that checks for races
	// cannot. The rows that need what an engine lacks are left out.
	Hard, Bounded bool
}

// Functions are the host functions that scripts of the suite call.
func Functions() []string { return []string{"echo", "fail", "hang"} }

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	t.Helper()
	groups := []struct {
		name string
		rows []row
	}{
		{"Values", valueRows()},
		{"Host", hostRows()},
		{"Answers", answerRows()},
		{"Faults", faultRows()},
		{"Limits", limitRows()},
		{"Eval", evalRows()},
		{"Ends", endingRows()},
		{"Hard", hardRows()},
	}
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			rows := slices.DeleteFunc(group.rows, func(r row) bool { return r.hard && !s.Hard || r.greedy && !s.Bounded })
			if len(rows) == 0 {
				t.Skip("this engine cannot stop any of it; docs/sandbox.md says so")
			}
			engine := s.Engine(t)
			for _, r := range rows {
				t.Run(r.name, func(t *testing.T) { r.test(t, engine) })
			}
		})
	}
	for _, test := range []struct {
		name string
		run  func(t *testing.T, e ports.ScriptEngine)
	}{
		{"Check", testCheck},
		{"Cancellation", testCancellation},
		{"Concurrency", testConcurrency},
		{"Operations", testOperations},
		{"Isolation", testIsolation},
		{"AfterTheStorm", testAfterTheStorm},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s.Engine(t)) })
	}
}

// Unstoppable names the rows that an engine without a process of its own leaves
// out.
func Unstoppable() []string {
	var names []string
	for _, r := range hardRows() {
		names = append(names, r.name)
	}
	return names
}
