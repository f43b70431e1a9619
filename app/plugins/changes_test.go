package plugins_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// stuck never answers; it tells when it is asked.
func stuck(asked chan<- struct{}) behaviour {
	return func(ctx context.Context, _ ports.PluginCall, _ ports.PluginHost) (ports.PluginResult, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return ports.PluginResult{}, fault.As(context.Cause(ctx))
	}
}

// addSlow adds a plugin that does not get ready.
func (w *world) addSlow() (asked chan struct{}) {
	asked = make(chan struct{}, 1)
	w.addFile("slow", "\x00asm slow", renamed("slow"), stuck(asked))
	s := w.hello()
	s.Name, s.Path = "slow", "slow"
	w.settings = append([]plugins.Settings{s}, w.settings...)
	return asked
}

// TestNobodyHangsBehindAPluginThatDoesNotGetReady: neither other plugins, nor
// those who wait for their own change, nor the end of the server.
func TestNobodyHangsBehindAPluginThatDoesNotGetReady(t *testing.T) {
	w := newWorld(t)
	w.settings = nil
	w.start()
	w.settings = []plugins.Settings{w.hello()}
	asked, ended := w.addSlow(), make(chan error, 1)
	go func() {
		_, err := w.Reread(context.WithoutCancel(t.Context()))
		ended <- err
	}()
	<-asked
	for !slices.ContainsFunc(w.Plugins(), func(i ports.PluginInfo) bool { return i.Name == "hello" }) {
		select {
		case err := <-ended:
			t.Fatal(err)
		default:
		}
	}
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.Switch(ctx, "hello", true)
	w.wantCode(err, fault.Cancelled, "another change")
	w.Close()
	w.wantCode(<-ended, fault.Cancelled, "")
	_, err = w.Refresh(t.Context())
	w.wantCode(err, fault.Unavailable, "closed")
	if w.closed != len(w.opened) {
		t.Errorf("%d were opened, %d closed", len(w.opened), w.closed)
	}
}

// TestACancelledLoadSaysNothingAboutThePlugin: it is tried again at once.
func TestACancelledLoadSaysNothingAboutThePlugin(t *testing.T) {
	w := newWorld(t)
	w.start()
	asked := make(chan struct{}, 1)
	w.behaviours["\x00asm one"] = stuck(asked)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := w.Reload(ctx, "hello")
	w.wantCode(err, fault.Cancelled, "")
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
	if info := w.Plugins()[0]; info.Problem != "" {
		t.Errorf("problem %q", info.Problem)
	}
	w.behaviours["\x00asm one"] = echo
	if _, err := w.Refresh(t.Context()); err != nil || len(w.opened) != 3 {
		t.Errorf("%v, opened %d times", err, len(w.opened))
	}
}

func TestAReloadLeavesTheSettingsOfOthers(t *testing.T) {
	w := newWorld(t)
	w.addFile("x", "\x00asm x", renamed("x"), describing("x", echo))
	x := w.hello()
	x.Name, x.Path = "x", "x"
	w.settings = append(w.settings, x)
	w.start()
	x.MaxQueue = 7
	hello := w.hello()
	hello.MaxQueue = 8
	w.settings = []plugins.Settings{hello, x}
	if _, err := w.Reload(t.Context(), "hello"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Refresh(t.Context()); err != nil || len(w.opened) != 3 {
		t.Errorf("%v, opened %d times", err, len(w.opened))
	}
	if _, err := w.Reread(t.Context()); err != nil || len(w.opened) != 4 {
		t.Errorf("%v, opened %d times", err, len(w.opened))
	}
}

// TestAReloadElsewhereTakesOverSettings: who asked for it on another server, or
// from the command line, wants what the configuration says now.
func TestAReloadElsewhereTakesOverSettings(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.settings = []plugins.Settings{w.hello()}
	w.settings[0].MaxPayload = 7
	refresh := func(most int) {
		t.Helper()
		if _, err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.opened[len(w.opened)-1].MaxPayload; got != most {
			t.Errorf("max_payload %d, want %d", got, most)
		}
	}
	refresh(1 << 20)
	_ = w.ReloadPlugin(t.Context(), "hello")
	refresh(7)
	if len(w.opened) != 2 {
		t.Errorf("opened %d times", len(w.opened))
	}
}

func TestSwitchesDoNotOverruleTheConfigurationOrReload(t *testing.T) {
	w := newWorld(t)
	w.settings[0].Disabled = true
	w.start()
	_, err := w.Switch(t.Context(), "hello", false)
	w.wantCode(err, fault.Invalid, "plugins.enabled")
	w.settings = []plugins.Settings{w.hello()}
	if _, err := w.Reread(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Switch(t.Context(), "hello", false); err != nil || len(w.opened) != 1 {
		t.Errorf("%v, opened %d times", err, len(w.opened))
	}
}

func TestRereadTriesWhatFailedAndSeesNewManifests(t *testing.T) {
	w := newWorld(t)
	w.behaviours["\x00asm one"] = nil
	w.start()
	w.behaviours["\x00asm one"] = echo
	reread := func(opened int) {
		t.Helper()
		if _, err := w.Reread(t.Context()); err != nil || len(w.opened) != opened {
			t.Errorf("%v, opened %d times, want %d", err, len(w.opened), opened)
		}
	}
	reread(1)
	reread(1)
	w.addFile("hello.wasm", "\x00asm one", strings.Replace(manifestText, `"abi":1`, `"abi": 1`, 1), echo)
	reread(2)
}

// TestAPluginStaysWhileItsFileIsWritten: a manifest that is half there takes no
// plugin away.
func TestAPluginStaysWhileItsFileIsWritten(t *testing.T) {
	w := newWorld(t)
	w.settings, w.cfg.Dir, w.cfg.Dev, w.cfg.Defaults.Grants = nil, "plugins/", true, w.hello().Grants
	w.addFile("plugins/hello.wasm", "\x00asm one", manifestText, echo)
	w.start()
	w.addFile("plugins/hello.wasm", "\x00asm one", manifestText[:40], echo)
	for range 3 {
		if _, err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.wantGreeting(`1`, `{"op":"node","payload":1}`)
	if n := strings.Count(w.logs.String(), "plugin cannot be read"); n != 1 {
		t.Errorf("it was said %d times", n)
	}
	delete(w.files, "plugins/hello.wasm")
	if _, err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(w.seen, "hello closed") {
		t.Errorf("seen %v", w.seen)
	}
}

// TestTheSameBytesWithAnotherManifestAreNew: a revision is more than its module.
func TestTheSameBytesWithAnotherManifestAreNew(t *testing.T) {
	w := newWorld(t)
	w.settings, w.cfg.Dev = nil, true
	w.start()
	for i, version := range []string{"1.0.0", "1.0.1"} {
		text := `{"name":"hello","version":"` + version + `","abi":1,"nodes":[{"type":"greet"}]}`
		w.behaviours["\x00asm a"] = func(ctx context.Context, call ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
			if call.Op == ports.PluginDescribe {
				return ports.PluginResult{Payload: payload.Trusted([]byte(text))}, nil
			}
			return echo(ctx, call, h)
		}
		_, _ = w.InstallPlugin(t.Context(), ports.StoredPlugin{
			PluginRevision: ports.PluginRevision{Name: "hello", Platform: "any", SHA256: plugin.Digest([]byte("\x00asm a"))},
			PluginFile:     ports.PluginFile{Artifact: []byte("\x00asm a"), Manifest: []byte(text)},
		})
		if _, err := w.Refresh(t.Context()); err != nil || len(w.opened) != i+1 || w.Plugins()[0].Version != version {
			t.Errorf("%v, plugins %+v", err, w.Plugins())
		}
		if _, err := w.RunNode(t.Context(), node.PluginRequest{Plugin: "hello"}, plugins.Caller{}); fault.CodeOf(err) == fault.NoPlugin {
			t.Error(err)
		}
	}
}

// TestWorkflowsKnowTheNodesOfPluginsThatDoNotRun: what is wrong is the plugin,
// not their type.
func TestWorkflowsKnowTheNodesOfPluginsThatDoNotRun(t *testing.T) {
	for name, change := range map[string]func(*world){
		"disabled": func(w *world) { w.settings[0].Disabled = true },
		"failed":   func(w *world) { w.behaviours["\x00asm one"] = nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			change(w)
			w.start()
			if types := w.Types(); len(types) != 1 || types[0].Name != "hello.greet" {
				t.Errorf("types %v", types)
			}
			if len(w.seen) != 1 {
				t.Errorf("observed %v", w.seen)
			}
		})
	}
}
