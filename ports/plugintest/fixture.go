package plugintest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const (
	// memory is what a probe may use: enough for a native Go program, too.
	memory = 256 << 20
	// maxPayload bounds the payloads of the suite.
	maxPayload = 4 << 20
	// patience is for what has to come at some time, on a busy machine.
	patience = 30 * time.Second
	// promptly is how late a call may end after it was told to.
	promptly = 500 * time.Millisecond
)

// spec is how the probe is opened.
func (s Subject) spec() ports.PluginSpec {
	spec := ports.PluginSpec{
		Name: "probe", Artifact: s.Artifact, SHA256: plugin.Digest(s.Artifact),
		MemoryBytes: memory, MaxConcurrent: atOnce, MaxPayload: maxPayload, CallTimeout: patience,
	}
	if s.Tune != nil {
		s.Tune(&spec)
	}
	return spec
}

// open brings the probe to life until the end of the test.
func (s Subject) open(t testing.TB, change ...func(*ports.PluginSpec)) ports.Plugin {
	t.Helper()
	spec := s.spec()
	for _, c := range change {
		c(&spec)
	}
	p, err := s.Loader(t).Open(t.Context(), spec)
	if err != nil {
		t.Fatalf("open the probe: %v", err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Errorf("close the probe: %v", err)
		}
	})
	return p
}

// value is JSON written in a test.
func value(text string) payload.Value { return payload.Trusted([]byte(text)) }

// function is a call of a function with an array of arguments.
func function(name, args string) ports.PluginCall {
	return ports.PluginCall{Op: ports.PluginFunction, Name: name, Payload: value(args)}
}

// bounded calls with a time no call of the suite needs.
func bounded(t testing.TB, p ports.Plugin, call ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return p.Call(ctx, call, h)
}

// outcome is the payload, or a fault's code and message.
func outcome(r ports.PluginResult, err error) string {
	if f := fault.As(err); f != nil {
		return string(f.Code) + ": " + f.Message
	}
	return string(r.Payload.Bytes())
}

// ask is the outcome of a function without a host.
func ask(t testing.TB, p ports.Plugin, name, args string) string {
	t.Helper()
	return outcome(bounded(t, p, function(name, args), &host{}))
}

// recovers waits until the probe answers again. Only a fault that says that it is
// on its way back may come meanwhile.
func recovers(t testing.TB, p ports.Plugin) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		r, err := p.Call(ctx, function("echo", `["again"]`), &host{})
		if err == nil {
			same(t, "afterwards", string(r.Payload.Bytes()), `"again"`)
			return
		}
		f := fault.As(err)
		if f.Code != fault.Unavailable || f.RetryAfter <= 0 {
			t.Fatalf("afterwards: %v (try again after %d s); want an answer, or unavailable and when to try again", err, f.RetryAfter)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("it never came back: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// same compares; a wanted text that ends with * is a beginning.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if text, isText := want.(string); isText {
		begin, open := strings.CutSuffix(text, "*")
		if given, _ := got.(string); open && strings.HasPrefix(given, begin) {
			return
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// decoded is JSON for comparing, with numbers as floats.
func decoded(t testing.TB, v payload.Value) any {
	t.Helper()
	var out any
	if err := json.Unmarshal(v.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v", v.Bytes(), err)
	}
	return out
}

// code is that of a fault; empty for none.
func code(err error) fault.Code {
	if f := fault.As(err); f != nil {
		return f.Code
	}
	return ""
}
