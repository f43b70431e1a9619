package plugintest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func testHost(t *testing.T, s Subject) {
	p := s.open(t)
	h := &host{}
	answer := func(t *testing.T, method, args string) string {
		return outcome(bounded(t, p, function("host", fmt.Sprintf(`[%q,%s]`, method, args)), h))
	}
	t.Run("answer", func(t *testing.T) {
		same(t, "outcome", answer(t, "probe.echo", `{"a":["ñ",null]}`), `{"result":{"a":["ñ",null]}}`)
		same(t, "asked", h.asked(), []string{`probe.echo {"a":["ñ",null]}`})
	})
	t.Run("null", func(t *testing.T) {
		same(t, "outcome", answer(t, "probe.nothing", `{}`), `{"result":null}`)
	})
	t.Run("many in one call", func(t *testing.T) {
		same(t, "outcome", outcome(bounded(t, p, function("hosts", `["probe.echo",200]`), h)), `200`)
	})
	t.Run("of calls at the same time", func(t *testing.T) {
		together(func(int) {
			same(t, "outcome", outcome(bounded(t, p, function("hosts", `["probe.echo",20]`), &host{})), `20`)
		})
	})
	t.Run("after them", func(t *testing.T) { recovers(t, p) })
}

// testHostDenies wants what the host says to arrive typed, and nothing of what it
// keeps for itself.
func testHostDenies(t *testing.T, s Subject) {
	p := s.open(t)
	for _, tt := range []struct{ name, method, want string }{
		{"denied", "probe.denied", `{"error":{"code":"permission_denied","message":"kv probe was not granted to the plugin"}}`},
		{"away", "probe.away", `{"error":{"code":"unavailable","message":"the server is away","retryable":true}}`},
		{"unknown", "probe.nobody", `{"error":{"code":"not_found","message":"there is no method probe.nobody in this test"}}`},
		{"internals", "probe.secret", `{"error":{"code":"internal","message":"the host failed"}}`},
		{"too much", "probe.big", `{"error":{"code":"payload_too_large",*`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			same(t, "outcome", outcome(bounded(t, p, function("host", fmt.Sprintf(`[%q,{}]`, tt.method)), &host{})), tt.want)
		})
	}
	t.Run("no host", func(t *testing.T) {
		same(t, "outcome", outcome(bounded(t, p, function("host", `["probe.echo",{}]`), nil)), `{"error":{"code":"permission_denied",*`)
	})
	recovers(t, p)
}

// testHostEnds wants host calls to end with the calls they belong to.
func testHostEnds(t *testing.T, s Subject) {
	p := s.open(t)
	ends := func(t *testing.T, ctx context.Context, want ...fault.Code) {
		h := newHost()
		_, err := p.Call(ctx, function("host", `["probe.hang",{}]`), h)
		oneOf(t, err, want...)
		select {
		case <-h.ended:
		case <-time.After(patience):
			t.Fatal("the host call never ended")
		}
		recovers(t, p)
	}
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		ends(t, ctx, fault.LimitExceeded)
	})
	t.Run("cancellation", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		ends(t, ctx, fault.Cancelled)
	})
}
