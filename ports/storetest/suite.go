// Package storetest is what every store must do: one suite that the memory
// store, SQLite and PostgreSQL all run.
//
// It refuses to know an implementation, and to skip a port: a store that lacks
// one fails.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Stores bundles the ports of one store. They share their data.
type Stores struct {
	Reader   ports.WorkflowReader
	Writer   ports.WorkflowWriter
	Changes  ports.WorkflowChanges
	Library  ports.Library
	Index    ports.LibraryIndex
	Users    ports.UserStore
	Tokens   ports.TokenStore
	Settings ports.Settings
	Sessions ports.SessionStore
	Runs     ports.RunStore
	Tracker  ports.TrackerStore
	Plugins  ports.PluginStore
	Switches ports.PluginSwitches
	Values   ports.KeyValues
	Pinger   ports.Pinger

	// TrackerRows reads what Tracker stored, oldest first: no port does.
	TrackerRows func(t *testing.T) []ports.TrackerRow
}

// Run runs the suite. open returns a new store that holds Designer's rows and
// nothing else, for one test that may run beside others.
func Run(t *testing.T, open func(t *testing.T) Stores) {
	t.Helper()
	suites := []struct {
		name  string
		tests []test
	}{
		{"Workflows", workflowTests()},
		{"Designer", designerTests()},
		{"Library", libraryTests()},
		{"Users", userTests()},
		{"Tokens", tokenTests()},
		{"Settings", settingTests()},
		{"Sessions", sessionTests()},
		{"Runs", runTests()},
		{"Plugins", pluginTests()},
		{"Switches", switchTests()},
		{"Values", valueTests()},
		{"Context", contextTests()},
		{"Changes", changeTests()},
		{"Tracker", trackerTests()},
		{"Load", loadTests()},
	}
	for _, suite := range suites {
		t.Run(suite.name, func(t *testing.T) {
			for _, test := range suite.tests {
				t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
			}
		})
	}
}

// test is one promise of a store.
type test struct {
	name string
	run  func(t *testing.T, s Stores)
}

// noon is a time every engine can keep exactly.
func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 123456000, time.UTC) }

// odd is text that tends to break on its way.
func odd() string { return "ñandú 🦙 \"quoted\" 'single' \\ $1 ?2 %s \r\n\t \u2028 日本語" }

// megabyte is a text of 1 MB with more than one byte to a character.
func megabyte() string { return strings.Repeat("añb", 1<<20/4) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	asText := cmp.Transformer("text", func(v payload.Value) string { return string(v.Bytes()) })
	if diff := cmp.Diff(want, got, asText, cmp.Comparer(bytes.Equal)); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// fails checks the code of an error and that it is a fault with a message.
func fails(t *testing.T, what string, err error, want fault.Code) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) {
		t.Fatalf("%s: error %v (%T), want a fault with code %s", what, err, err, want)
	}
	if f.Code != want {
		t.Fatalf("%s: code %s (%v, cause %v), want %s", what, f.Code, f, errors.Unwrap(f), want)
	}
	if f.Message == "" {
		t.Fatalf("%s: the fault has no message", what)
	}
}

func ctx(t *testing.T) context.Context {
	t.Helper()
	c, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return c
}
