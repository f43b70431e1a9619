package app_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// buckets is a limiter by the clock of the test, or one that is away.
type buckets struct {
	now  func() time.Time
	full map[string]int64
	err  error
}

func (b *buckets) Take(_ context.Context, bucket string, rate policy.Rate) (a policy.Allowance, err error) {
	if b.err != nil {
		return a, b.err
	}
	b.full[bucket], a = rate.Take(b.full[bucket], b.now().UnixMicro())
	return a, nil
}

func limited(b *buckets, r app.Rates) func(*app.Deps, *app.Config) {
	return func(d *app.Deps, c *app.Config) {
		b.now, b.full = d.Clock.Now, map[string]int64{}
		d.Limiter, c.Rates = b, r
	}
}

func perMinute(n int) policy.Rate { return policy.Rate{Requests: n, Window: time.Minute} }

func TestClientsAreAdmittedByAddress(t *testing.T) {
	b := &buckets{}
	w := newWorld(t, limited(b, app.Rates{Throttle: policy.Throttle{
		Rate: perMinute(2), ExcludedNets: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, ExcludedPaths: []string{"/health"},
	}}))
	for i, tt := range []struct {
		client, path string
		want         string
	}{
		{"1.2.3.4", "/x", "1 left"}, {"1.2.3.4", "/y", "0 left"}, {"1.2.3.4", "/x", "limit_exceeded 30"},
		{"1.2.3.4", "/health", "no limit"}, {"1.2.3.4", "/health/live", "no limit"}, {"1.2.3.4", "/healthy", "limit_exceeded 30"},
		{"10.9.8.7", "/x", "no limit"}, {"::ffff:10.9.8.7", "/x", "no limit"}, {"::ffff:1.2.3.4", "/x", "limit_exceeded 30"},
		{"2001:db8::1", "/x", "1 left"}, {"2001:db8::ffff", "/x", "0 left"}, {"2001:db8:0:1::1", "/x", "1 left"},
		{"garbage", "/x", "1 left"}, {"", "/x", "0 left"},
	} {
		a, err := w.Admit(t.Context(), tt.client, tt.path)
		got := fmt.Sprint(a.Remaining, " left")
		if a == (policy.Allowance{}) {
			got = "no limit"
		}
		if f := fault.As(err); f != nil {
			got = fmt.Sprint(f.Code, " ", f.RetryAfter)
			if f.Limit != "rate_limit.ip_rate_limit" {
				t.Errorf("%d: limit %q", i, f.Limit)
			}
		}
		if got != tt.want {
			t.Errorf("%d: %s %s: got %s, want %s", i, tt.client, tt.path, got, tt.want)
		}
	}
	w.clock.pass(30 * time.Second)
	if _, err := w.Admit(t.Context(), "1.2.3.4", "/x"); err != nil {
		t.Errorf("after the time it was told: %v", err)
	}
	if n := w.counted("rate_limited rate_limit.ip_rate_limit"); n != 3 {
		t.Errorf("%d refusals are counted", n)
	}
}

// A form goes on below any path, and is counted once.
func TestFormsAreCountedEverywhere(t *testing.T) {
	b := &buckets{}
	w := newWorld(t, limited(b, app.Rates{Throttle: policy.Throttle{Rate: perMinute(2), ExcludedPaths: []string{"/health"}}}))
	w.publish("x", doc(start("s", "GET", "/x", "output_1>r"), raw("r", `{"type":"response","body":"in"}`, "")))
	from := func(path string) *ports.Inbound {
		in := get(path)
		in.RealIP = "1.2.3.4"
		return in
	}
	for range 3 { // the door counted these
		w.expect(from("/x/nfnext/s"), string(fault.Conflict))
		w.expect(from("/x"), "200 in")
	}
	w.expect(from("/health/nflow_next_node_run/s"), string(fault.Conflict))
	w.expect(from("/health?nflow_next_node_run=s"), string(fault.Conflict))
	w.expect(from("/health?nflow_next_node_run=s"), string(fault.LimitExceeded))
	w.expect(from("/x?nflow_next_node_run=s"), string(fault.Conflict))
}

// The limit of a start node binds every way into the workflow but its forms.
func TestWorkflowsHaveLimitsOfTheirOwn(t *testing.T) {
	b := &buckets{}
	w := newWorld(t, limited(b, app.Rates{Message: "slow down"}))
	limit := func(id, rate string) string {
		return raw(id, fmt.Sprintf(`{"type":"httpstart","method":"GET","path":"/%s","rate_limit":%s}`, id, rate), "output_1>r")
	}
	w.publish("x", doc(limit("each", `2`), limit("all", `{"requests":3,"window":"1h","per":"workflow"}`), raw("r", `{"type":"response","body":"in"}`, "")))
	from := func(client, path string) *ports.Inbound {
		in := get(path)
		in.RealIP = client
		return in
	}
	w.expect(from("1.1.1.1", "/each"), "200 in")
	if _, err := w.Execute(t.Context(), "x", "each", payload.Value{}, from("1.1.1.1", "/api/workflow/x")); err != nil {
		t.Error(err)
	}
	out, err := w.Serve(t.Context(), from("1.1.1.1", "/each"))
	if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Message != "slow down" || f.Node != "each" || f.Workflow != "x" || f.RetryAfter != 30 {
		t.Errorf("got %+v", f)
	}
	if out.Allowance.Limit != 2 || out.Allowance.Remaining != 0 || out.Allowance.Allowed {
		t.Errorf("got %+v", out.Allowance)
	}
	w.expect(from("2.2.2.2", "/each"), "200 in")
	for i := range 4 {
		want := "200 in"
		if i == 3 {
			want = string(fault.LimitExceeded)
		}
		w.expect(from(fmt.Sprint("3.3.3.", i), "/all"), want)
	}
	e, err := w.Execute(t.Context(), "x", "all", payload.Value{}, nil)
	if fault.CodeOf(err) != fault.LimitExceeded || e.Allowance.Limit != 3 {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestTokensHaveLimits(t *testing.T) {
	b := &buckets{}
	w := newWorld(t, limited(b, app.Rates{Token: perMinute(2)}))
	token := func(name string, perMinute int) string {
		made, err := app.CreateToken(t.Context(), w.deps, app.NewToken{Name: name, Scopes: []ports.Scope{ports.ScopeRun}, PerMinute: perMinute})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	for name, want := range map[string]int{"common": 2, "busy": 5} {
		bearer := token(name, map[string]int{"busy": 5}[name])
		passed := 0
		for range 9 {
			caller, err := w.Authenticate(t.Context(), bearer, ports.ScopeRun)
			if err == nil {
				passed++
			} else if f := fault.As(err); f.Code != fault.LimitExceeded || f.Limit != "rate_limit.token_rate_limit" || caller.Name != name || caller.Allowance.Limit != want {
				t.Fatalf("got %+v, %+v", caller, f)
			}
		}
		if passed != want {
			t.Errorf("%s: %d passed, want %d", name, passed, want)
		}
	}
}

func TestLimiterThatIsAway(t *testing.T) {
	for closed, want := range map[bool]fault.Code{false: "", true: fault.Unavailable} {
		b := &buckets{err: fault.New(fault.Unavailable, "away")}
		w := newWorld(t, limited(b, app.Rates{Closed: closed, Throttle: policy.Throttle{Rate: perMinute(1)}}))
		for range 2 {
			a, err := w.Admit(t.Context(), "1.2.3.4", "/x")
			if fault.CodeOf(err) != want || a != (policy.Allowance{}) || want != "" && fault.As(err).RetryAfter == 0 {
				t.Errorf("closed %v: got %+v, %v", closed, a, err)
			}
		}
		if n := w.counted("rate_unknown rate_limit.ip_rate_limit"); n != 2 {
			t.Errorf("%d are counted", n)
		}
	}
}
