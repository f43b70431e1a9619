package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func contextTests() []test {
	return []test{
		{"ping", func(t *testing.T, s Stores) { must(t, s.Pinger.Ping(ctx(t))) }},
		{"every call ends with its context", cancelledCalls},
	}
}

func cancelledCalls(t *testing.T, s Stores) {
	put(t, s, "shop", "{}", 0)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	for name, call := range calls(s) {
		err := call(cancelled)
		fails(t, name, err, fault.Cancelled)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v does not wrap context.Canceled", name, err)
		}
		err = call(late)
		fails(t, name, err, fault.Cancelled)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v does not wrap context.DeadlineExceeded", name, err)
		}
	}
	infos, err := s.Reader.Versions(ctx(t), "shop")
	must(t, err)
	same(t, "versions", len(infos), 1)
	same(t, "runs", ids(t, s, ports.RunFilter{Limit: 9}), []string{})
}

// calls are all methods of all ports.
func calls(s Stores) map[string]func(context.Context) error {
	second := func(_ any, err error) error { return err }
	return map[string]func(context.Context) error{
		"Active":   func(c context.Context) error { return second(s.Reader.Active(c)) },
		"Workflow": func(c context.Context) error { return second(s.Reader.Workflow(c, "shop", 0)) },
		"Versions": func(c context.Context) error { return second(s.Reader.Versions(c, "shop")) },
		"Put": func(c context.Context) error {
			return second(s.Writer.Put(c, ports.Workflow{ID: "shop"}, ports.AnyVersion))
		},
		"Activate":        func(c context.Context) error { return s.Writer.Activate(c, "shop", 1, 1) },
		"Delete":          func(c context.Context) error { return s.Writer.Delete(c, "shop", 1) },
		"Module":          func(c context.Context) error { return second(s.Library.Module(c, "m")) },
		"Template":        func(c context.Context) error { return second(s.Library.Template(c, "t")) },
		"PutModule":       func(c context.Context) error { return s.Library.PutModule(c, ports.Module{Name: "m"}) },
		"PutTemplate":     func(c context.Context) error { return s.Library.PutTemplate(c, ports.Template{Name: "t"}) },
		"User":            func(c context.Context) error { return second(s.Users.User(c, "ana")) },
		"UpgradePassword": func(c context.Context) error { return s.Users.UpgradePassword(c, "ana", "x") },
		"PutToken":        func(c context.Context) error { return s.Tokens.PutToken(c, ports.Token{Hash: "h"}) },
		"Token":           func(c context.Context) error { return second(s.Tokens.Token(c, "h", noon())) },
		"AppToken":        func(c context.Context) error { return second(s.Tokens.AppToken(c, "billing")) },
		"Setting":         func(c context.Context) error { return second(s.Settings.Setting(c, "k")) },
		"PutSettingIfAbsent": func(c context.Context) error {
			return second(s.Settings.PutSettingIfAbsent(c, "k", "v"))
		},
		"Session":             func(c context.Context) error { return second(s.Sessions.Session(c, "k", noon())) },
		"SaveSession":         func(c context.Context) error { return second(s.Sessions.SaveSession(c, session("k", 0, "{}"))) },
		"DeleteSession":       func(c context.Context) error { return s.Sessions.DeleteSession(c, "k") },
		"DropExpiredSessions": func(c context.Context) error { return second(s.Sessions.DropExpiredSessions(c, noon(), 999)) },
		"AppendRuns":          func(c context.Context) error { return s.Runs.AppendRuns(c, []ports.RunRecord{run("a", "shop", 0)}) },
		"Runs":                func(c context.Context) error { return second(s.Runs.Runs(c, ports.RunFilter{Limit: 1})) },
		"Run":                 func(c context.Context) error { return second(s.Runs.Run(c, "a")) },
		"PruneRuns":           func(c context.Context) error { return second(s.Runs.PruneRuns(c, "shop", 1, 9)) },
		"InstallPlugin":       func(c context.Context) error { return second(s.Plugins.InstallPlugin(c, wasm("hello"))) },
		"InstalledPlugin":     func(c context.Context) error { return second(s.Plugins.InstalledPlugin(c, "hello", "any")) },
		"PluginRevisions":     func(c context.Context) error { return second(s.Plugins.PluginRevisions(c, "")) },
		"RemovePlugin":        func(c context.Context) error { return s.Plugins.RemovePlugin(c, "hello") },
		"PluginSwitches":      func(c context.Context) error { return second(s.Switches.PluginSwitches(c)) },
		"SwitchPlugin":        func(c context.Context) error { return s.Switches.SwitchPlugin(c, "hello", true) },
		"ReloadPlugin":        func(c context.Context) error { return s.Switches.ReloadPlugin(c, "hello") },
		"Value":               func(c context.Context) error { return second(s.Values.Value(c, "s", "k")) },
		"PutValue":            func(c context.Context) error { return s.Values.PutValue(c, "s", "k", payload.Value{}, 9) },
		"DeleteValue":         func(c context.Context) error { return s.Values.DeleteValue(c, "s", "k") },
		"Ping":                s.Pinger.Ping,
	}
}
