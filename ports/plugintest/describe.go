package plugintest

import (
	"context"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func testDescribe(t *testing.T, s Subject) {
	p := s.open(t)
	r, err := bounded(t, p, ports.PluginCall{Op: ports.PluginDescribe}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := plugin.ParseManifest(r.Payload.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want, err := plugin.ParseManifest(Manifest(t))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "field that differs from nflow-plugin.json", got.Difference(want), "")
	same(t, "status", p.State().Status, "ok")
}

func testConfigure(t *testing.T, s Subject) {
	configure := func(t *testing.T, p ports.Plugin, settings string) string {
		return outcome(bounded(t, p, ports.PluginCall{Op: ports.PluginConfigure, Payload: value(settings)}, &host{}))
	}
	t.Run("refused", func(t *testing.T) {
		p := s.open(t)
		same(t, "unknown field", configure(t, p, `{"wrod":"x"}`), `malformed: plugin probe: settings has no member "wrod"`)
		same(t, "refused", configure(t, p, `{"refuse":true}`), "malformed: plugin probe: these settings are refused")
	})
	t.Run("taken", func(t *testing.T) {
		p := s.open(t, func(spec *ports.PluginSpec) { spec.MaxConcurrent = 1 })
		same(t, "taken", configure(t, p, `{"word":"ñandú"}`), "null")
		same(t, "kept", ask(t, p, "configured", `[]`), `{"word":"ñandú"}`)
		// What takes the place of a broken instance knows the settings, too.
		_ = ask(t, p, "exit", `[3]`)
		recovers(t, p)
		same(t, "kept after a crash", ask(t, p, "configured", `[]`), `{"word":"ñandú"}`)
	})
	t.Run("on every instance", func(t *testing.T) {
		p := s.open(t)
		same(t, "taken", configure(t, p, `{"word":"x"}`), "null")
		together(func(int) { same(t, "kept", ask(t, p, "configured", `[]`), `{"word":"x"}`) })
	})
}

func testRefuses(t *testing.T, s Subject) {
	for _, tt := range []struct {
		name     string
		artifact []byte
	}{
		{"nothing", nil},
		{"text", []byte("this is a plugin, believe me")},
		{"the beginning", s.Artifact[:len(s.Artifact)/2]},
		{"the wrong version", []byte("\x00asm\x0d\x00\x01\x00")},
		{"an empty module", []byte("\x00asm\x01\x00\x00\x00")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := s.spec()
			spec.Artifact, spec.SHA256 = tt.artifact, plugin.Digest(tt.artifact)
			p, err := s.Loader(t).Open(t.Context(), spec)
			if err == nil {
				_ = p.Close(t.Context())
				t.Fatal("it was opened")
			}
			if c := code(err); c != fault.Invalid && c != fault.Unavailable {
				t.Errorf("fault: %v, want invalid or unavailable", err)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		p, err := s.Loader(t).Open(ctx, s.spec())
		if err == nil {
			_ = p.Close(t.Context())
		}
		same(t, "code", code(err), fault.Cancelled)
	})
}
