package plugins_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func (w *world) greet(text string) (string, error) {
	r, err := w.RunNode(w.t.Context(), node.PluginRequest{Plugin: "hello", Payload: value(w.t, text), Params: value(w.t, `{}`)}, plugins.Caller{})
	return string(r.Payload.Bytes()), err
}

func (w *world) wantGreeting(text, want string) {
	w.t.Helper()
	if got, err := w.greet(text); err != nil || got != want {
		w.t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func (w *world) wantCode(err error, code fault.Code, says string) {
	w.t.Helper()
	if fault.CodeOf(err) != code || says != "" && !strings.Contains(err.Error(), says) {
		w.t.Errorf("got %s: %v, want %s saying %q", fault.CodeOf(err), err, code, says)
	}
}

func TestALoadedPluginServesAllThreeHooks(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.wantGreeting(`{"a":1}`, `{"op":"node","payload":{"a":1}}`)
	v, err := w.CallFunction(t.Context(), "hello", "greet", value(t, `["Ana"]`), plugins.Caller{})
	if err != nil || string(v.Bytes()) != `{"op":"function","payload":["Ana"]}` {
		t.Errorf("function %s %v", v.Bytes(), err)
	}
	a, err := w.Action(t.Context(), "hello", "greet", ports.PluginCall{Payload: value(t, `{}`)})
	if err != nil || string(a.Payload.Bytes()) != `{"op":"action","payload":{}}` {
		t.Errorf("action %s %v", a.Payload.Bytes(), err)
	}
	spec := w.opened[0]
	if len(spec.Env) != 1 || spec.Env["CITY"] != "Lugano" || spec.Mounts["/data"] != "/srv/data" || spec.SHA256 != plugin.Digest([]byte("\x00asm one")) {
		t.Errorf("spec %+v", spec)
	}
	info := w.Plugins()[0]
	if info.Status != "ok" || info.Calls != 3 || info.Nodes[0] != "hello.greet" || info.Memory != 7 || info.Kind != "wasm" {
		t.Errorf("info %+v", info)
	}
	if got := string(w.Functions().Bytes()); got != `{"hello":["greet"]}` {
		t.Errorf("functions %s", got)
	}
	if w.Health()["plugin hello"] != "ok" || len(w.Types()) != 1 || w.Types()[0].Name != "hello.greet" {
		t.Errorf("health %v", w.Health())
	}
}

func TestWhatIsNotThere(t *testing.T) {
	w := newWorld(t)
	w.start()
	_, err := w.RunNode(t.Context(), node.PluginRequest{Plugin: "nope"}, plugins.Caller{})
	w.wantCode(err, fault.NoPlugin, "not installed")
	_, err = w.RunNode(t.Context(), node.PluginRequest{Plugin: "hello", Node: "nope"}, plugins.Caller{})
	w.wantCode(err, fault.NotFound, "it has greet")
	_, err = w.CallFunction(t.Context(), "hello", "nope", value(t, `[]`), plugins.Caller{})
	w.wantCode(err, fault.NotFound, "it has greet")
	_, err = w.Action(t.Context(), "hello", "nope", ports.PluginCall{})
	w.wantCode(err, fault.NotFound, "it has greet")
	_, err = w.Action(t.Context(), "hello", "greet", ports.PluginCall{Payload: value(t, `1`)})
	w.wantCode(err, fault.Invalid, "must be an object")
	w.wantCode(w.CheckNode(node.PluginRequest{Plugin: "hello", Params: value(t, `{}`)}), fault.Invalid, "is missing")
	if err := w.CheckNode(node.PluginRequest{Plugin: "hello", Params: value(t, `{"greeting":"x"}`)}); err != nil {
		t.Error(err)
	}
	_, err = plugins.None().RunNode(t.Context(), node.PluginRequest{Plugin: "hello"}, plugins.Caller{})
	w.wantCode(err, fault.NoPlugin, "")
}

// TestWhatKeepsAPluginFromLoading: each is a clear fault, and the others serve.
func TestWhatKeepsAPluginFromLoading(t *testing.T) {
	says := func(text string) behaviour {
		return func(ctx context.Context, call ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
			if call.Op == ports.PluginDescribe {
				return ports.PluginResult{Payload: payload.Trusted([]byte(text))}, nil
			}
			return echo(ctx, call, h)
		}
	}
	failing := func(op ports.PluginOp, err error) behaviour {
		return func(ctx context.Context, call ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
			if call.Op == op {
				return ports.PluginResult{}, err
			}
			return echo(ctx, call, h)
		}
	}
	public, _, _ := ed25519.GenerateKey(nil)
	for _, row := range []struct {
		name   string
		change func(w *world, s *plugins.Settings)
		want   string
	}{
		{"no file", func(_ *world, s *plugins.Settings) { s.Path = "gone" }, "no file"},
		{"not installed", func(_ *world, s *plugins.Settings) { s.Path = "" }, "nflow plugin install"},
		{"bad manifest", func(w *world, _ *plugins.Settings) { w.addFile("x", "\x00asm", `{"name":"x"}`, echo) }, "version"},
		{"another name", func(w *world, s *plugins.Settings) { s.Path = "hello.wasm" }, "is of the plugin"},
		{"wrong kind", func(w *world, s *plugins.Settings) { s.Kind = "process" }, "plugins.kind"},
		{"a program in disguise", func(w *world, s *plugins.Settings) {
			s.Path = "x.wasm"
			w.addFile("x.wasm", "\x7fELF", renamed("x"), describing("x", echo))
		}, "is no WebAssembly module"},
		{"nobody vouches", func(w *world, s *plugins.Settings) { s.Dev = false }, "sha256"},
		{"wrong pin", func(w *world, s *plugins.Settings) {
			s.Dev, s.Pins = false, map[string]string{"any": strings.Repeat("0", 64)}
		}, "is pinned"},
		{"not signed", func(w *world, s *plugins.Settings) {
			s.Dev, w.cfg.Keys = false, map[string]ed25519.PublicKey{"k": public}
		}, "not signed"},
		{"missing grant", func(w *world, s *plugins.Settings) { s.Grants.KV = nil }, "kv hello"},
		{"bad module", func(w *world, _ *plugins.Settings) { delete(w.behaviours, "\x00asm x") }, "truncated"},
		{"says otherwise", func(w *world, _ *plugins.Settings) {
			w.behaviours["\x00asm x"] = says(strings.Replace(renamed("x"), "1.0.0", "2.0.0", 1))
		}, "version differs"},
		{"says nonsense", func(w *world, _ *plugins.Settings) { w.behaviours["\x00asm x"] = says(`"hi"`) }, "describe itself"},
		{"cannot be configured", func(w *world, _ *plugins.Settings) {
			w.behaviours["\x00asm x"] = describing("x", failing(ports.PluginConfigure, fault.New(fault.Malformed, "no key")))
		}, "be configured: no key"},
		{"does not answer", func(w *world, _ *plugins.Settings) {
			w.behaviours["\x00asm x"] = describing("x", failing(ports.PluginFunction, fault.New(fault.PluginFailed, "crashed")))
		}, "first call: crashed"},
		{"traps in its own process", func(w *world, _ *plugins.Settings) {
			w.behaviours["\x00asm x"] = describing("x", failing(ports.PluginFunction, fault.New(fault.PluginFailed, "trapped").WithDetail(`{"code":"internal"}`)))
		}, "first call: trapped"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.addFile("x", "\x00asm x", renamed("x"), describing("x", echo))
			s := w.hello()
			s.Name, s.Path = "x", "x"
			row.change(w, &s)
			w.settings = append(w.settings, s)
			if w.cfg.Keys != nil {
				w.settings[0].Dev = true
			}
			w.start()
			w.wantGreeting(`1`, `{"op":"node","payload":1}`)
			_, err := w.RunNode(t.Context(), node.PluginRequest{Plugin: "x"}, plugins.Caller{})
			w.wantCode(err, fault.Unavailable, "could not be loaded")
			if says := fault.As(err).Message; strings.Contains(says, row.want) { // it goes to whoever calls
				t.Errorf("the caller is told %q", says)
			}
			if line := w.Health()["plugin x"]; line != "failed" {
				t.Errorf("health %q", line)
			}
			if info := w.Plugins()[1]; !strings.Contains(info.Problem, row.want) {
				t.Errorf("problem %q", info.Problem)
			}
			if row.want == "be configured: no key" && w.closed != 1 {
				t.Errorf("closed %d", w.closed)
			}
		})
	}
}

func renamed(name string) string { return strings.Replace(manifestText, `"hello"`, `"`+name+`"`, 1) }

// describing answers with the manifest of another name.
func describing(name string, b behaviour) behaviour {
	return func(ctx context.Context, call ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
		if call.Op == ports.PluginDescribe {
			return ports.PluginResult{Payload: payload.Trusted([]byte(renamed(name)))}, nil
		}
		return b(ctx, call, h)
	}
}

// TestNoCallIsLostWhenAPluginIsReplaced swaps the plugin again and again under
// 64 callers.
func TestNoCallIsLostWhenAPluginIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.addFile("hello", "native", manifestText, instead(func(context.Context, ports.PluginCall, ports.PluginHost) (ports.PluginResult, error) {
		return ports.PluginResult{Payload: payload.Text("native")}, nil
	}))
	w.start()
	var lost, done atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for ctx.Err() == nil {
				if _, err := w.greet(`1`); err != nil {
					lost.Add(1)
					t.Log(err)
				}
				done.Add(1)
			}
		})
	}
	for i := range 20 {
		w.settings = []plugins.Settings{w.hello()}
		if i%2 == 0 {
			w.settings[0].Path = "hello"
		}
		if _, err := w.Reload(t.Context(), "hello"); err != nil {
			t.Error(err)
		}
		for before := done.Load(); done.Load() < before+50; {
			time.Sleep(time.Millisecond)
		}
	}
	stop()
	callers.Wait()
	if lost.Load() > 0 {
		t.Errorf("%d of %d calls failed", lost.Load(), done.Load())
	}
	w.Close()
	if w.closed != len(w.opened) {
		t.Errorf("%d were opened, %d closed", len(w.opened), w.closed)
	}
}

func TestAFailedReloadKeepsTheOldOne(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.addFile("hello.wasm", "\x00asm broken", manifestText, nil)
	_, err := w.Reload(t.Context(), "hello")
	w.wantCode(err, fault.Invalid, "truncated")
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
	if info := w.Plugins()[0]; info.Status != "ok" || !strings.Contains(info.Problem, "truncated") {
		t.Errorf("info %+v", info)
	}
	_, err = w.Reload(t.Context(), "nope")
	w.wantCode(err, fault.NoPlugin, "")
	if len(w.switches) != 1 {
		t.Errorf("switches %v", w.switches)
	}
}

func TestSwitches(t *testing.T) {
	w := newWorld(t)
	w.start()
	if _, err := w.Switch(t.Context(), "hello", true); err != nil {
		t.Fatal(err)
	}
	_, err := w.greet(`1`)
	w.wantCode(err, fault.NoPlugin, "switched off")
	if _, err := w.Switch(t.Context(), "hello", false); err != nil {
		t.Fatal(err)
	}
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
	// Another instance switches it.
	w.switches["hello"] = ports.PluginSwitch{Name: "hello", Disabled: true}
	if _, err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = w.greet(`1`)
	w.wantCode(err, fault.NoPlugin, "switched off")
}

func TestInstalledPluginsAreTakenOver(t *testing.T) {
	w := newWorld(t)
	w.settings = nil
	w.cfg.Dev = true
	w.cfg.Defaults.Grants.KV = nil
	plain := `{"name":"hello","version":"1.0.0","abi":1,"nodes":[{"type":"greet"}]}`
	w.start()
	install := func(artifact, answer string) {
		w.behaviours[artifact] = func(ctx context.Context, call ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
			switch call.Op {
			case ports.PluginDescribe:
				return ports.PluginResult{Payload: payload.Trusted([]byte(plain))}, nil
			case ports.PluginNode:
				return ports.PluginResult{Payload: payload.Text(answer)}, nil
			}
			return echo(ctx, call, h)
		}
		_, _ = w.InstallPlugin(t.Context(), ports.StoredPlugin{
			PluginRevision: ports.PluginRevision{Name: "hello", Platform: "any", SHA256: plugin.Digest([]byte(artifact))},
			PluginFile:     ports.PluginFile{Artifact: []byte(artifact), Manifest: []byte(plain)},
		})
	}
	refresh := func() {
		if _, err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	install("\x00asm a", "a")
	refresh()
	w.wantGreeting(`1`, `"a"`)
	refresh()
	install("\x00asm b", "b")
	refresh()
	w.wantGreeting(`1`, `"b"`)
	if len(w.opened) != 2 {
		t.Errorf("opened %d times", len(w.opened))
	}
	_ = w.RemovePlugin(t.Context(), "hello")
	refresh()
	_, err := w.greet(`1`)
	w.wantCode(err, fault.NoPlugin, "")
}

func TestADirectoryOfPlugins(t *testing.T) {
	w := newWorld(t)
	w.cfg.Dir, w.cfg.Dev, w.cfg.Defaults.Grants = "plugins/", true, w.hello().Grants
	w.addFile("plugins/x.wasm", "\x00asm x", renamed("x"), describing("x", echo))
	w.addFile("plugins/hello.wasm", "\x00asm shadowed", manifestText, nil)
	w.addFile("plugins/bad.wasm", "\x00asm bad", `{`, nil)
	w.start()
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
	if _, err := w.RunNode(t.Context(), node.PluginRequest{Plugin: "x"}, plugins.Caller{}); err != nil {
		t.Error(err)
	}
	if len(w.Plugins()) != 2 || !strings.Contains(w.logs.String(), "plugins/bad.wasm") {
		t.Errorf("plugins %v, logs %s", w.Plugins(), &w.logs)
	}
}

func TestAFailedPluginIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.behaviours["\x00asm one"] = nil
	w.start()
	w.behaviours["\x00asm one"] = echo
	if _, err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := w.greet(`1`)
	w.wantCode(err, fault.Unavailable, "")
	w.now = w.now.Add(2 * time.Minute)
	if _, err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
}

func TestCallsWaitForAPlaceAndNotForEver(t *testing.T) {
	w := newWorld(t)
	hold, inside := make(chan struct{}), make(chan struct{}, 9)
	w.behaviours["\x00asm one"] = instead(func(ctx context.Context, call ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
		inside <- struct{}{}
		select {
		case <-hold:
			return echo(ctx, call, h)
		case <-ctx.Done():
			return ports.PluginResult{}, fault.As(context.Cause(ctx))
		}
	})
	w.settings[0].MaxConcurrent, w.settings[0].MaxQueue, w.settings[0].CallTimeout = 1, 1, 300*time.Millisecond
	w.start()
	results := make(chan error, 2)
	call := func() { _, err := w.greet(`1`); results <- err }
	go call()
	<-inside
	go call()
	for w.Plugins()[0].Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	_, err := w.greet(`1`)
	w.wantCode(err, fault.LimitExceeded, "is busy")
	var f *fault.Fault
	if !errors.As(err, &f) || f.Limit != "plugins.max_queue" || f.RetryAfter == 0 {
		t.Errorf("fault %+v", f)
	}
	for range 2 {
		f := fault.As(<-results)
		if f == nil || f.Code != fault.LimitExceeded {
			t.Errorf("got %v", f)
		}
	}
	close(hold)
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
}

func TestOutputsAreThoseOfTheManifest(t *testing.T) {
	w := newWorld(t)
	next := "other"
	w.behaviours["\x00asm one"] = instead(func(context.Context, ports.PluginCall, ports.PluginHost) (ports.PluginResult, error) {
		return ports.PluginResult{Next: next, Payload: payload.Text("x")}, nil
	})
	w.start()
	w.wantGreeting(`1`, `"x"`)
	next = "elsewhere"
	_, err := w.greet(`1`)
	w.wantCode(err, fault.PluginFailed, `"elsewhere"`)
}

func TestRereadLoadsWhatChangedAndNothingElse(t *testing.T) {
	w := newWorld(t)
	w.start()
	again := func(opened int) {
		t.Helper()
		if _, err := w.Reread(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(w.opened) != opened {
			t.Errorf("opened %d times, want %d", len(w.opened), opened)
		}
	}
	again(1)
	w.settings = []plugins.Settings{w.hello()}
	w.settings[0].MaxQueue = 7
	again(2)
	w.addFile("hello.wasm", "\x00asm two", manifestText, echo)
	again(3)
	w.settings = nil
	again(3)
	_, err := w.greet(`1`)
	w.wantCode(err, fault.NoPlugin, "")
}
