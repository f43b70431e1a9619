package node_test

import (
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func TestStartRateLimit(t *testing.T) {
	perMinute := func(n int) node.RateLimit {
		return node.RateLimit{Rate: policy.Rate{Requests: n, Window: time.Minute}, PerClient: true}
	}
	tests := []struct {
		name, limit string
		want        node.RateLimit
	}{
		{"null", `null`, node.RateLimit{}},
		{"an empty text of a form", `""`, node.RateLimit{}},
		{"a number", `100`, perMinute(100)},
		{"a number in a text", `" 7 "`, perMinute(7)},
		{"the least", `1`, perMinute(1)},
		{"the most", `1000000`, perMinute(1000000)},
		{"requests alone", `{"requests":5}`, perMinute(5)},
		{"everything", `{"requests":100,"window":"1h","burst":10,"per":"workflow"}`,
			node.RateLimit{Rate: policy.Rate{Requests: 100, Window: time.Hour, Burst: 10}}},
		{"per ip", `{"requests":"5","window":"","burst":"","per":"ip"}`, perMinute(5)},
		{"seconds", `{"requests":5,"window":90}`, node.RateLimit{Rate: policy.Rate{Requests: 5, Window: 90 * time.Second}, PerClient: true}},
		{"seconds in a text", `{"requests":5,"window":"1.5"}`, node.RateLimit{Rate: policy.Rate{Requests: 5, Window: 1500 * time.Millisecond}, PerClient: true}},
		{"more at once than in a window", `{"requests":1,"window":"1s","burst":60}`,
			node.RateLimit{Rate: policy.Rate{Requests: 1, Window: time.Second, Burst: 60}, PerClient: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, kind := range []string{"httpstart", "starter"} {
				equal(t, kind, compiled(t, kind, `{"rate_limit":`+tt.limit+`}`).Start.RateLimit, tt.want)
			}
		})
	}
	if !compiled(t, "httpstart", `{}`).Start.RateLimit.Rate.Unlimited() {
		t.Error("a start node without the field is limited")
	}
}

func TestWrongStartRateLimit(t *testing.T) {
	const at = "data.rate_limit"
	tests := []struct {
		name, limit, fields, says string
	}{
		{"zero", `0`, at, "from 1 to 1000000"},
		{"negative", `-1`, at, "from 1 to 1000000"},
		{"too much", `1000001`, at, "from 1 to 1000000"},
		{"fraction", `1.5`, at, "whole number"},
		{"words", `"100/m"`, at, "whole number"},
		{"flag", `false`, at, "leave it out"},
		{"list", `[100]`, at, `"requests": 100`},
		{"empty object", `{}`, at + ".requests", "is missing"},
		{"requests zero", `{"requests":0}`, at + ".requests", "from 1 to 1000000"},
		{"requests a list", `{"requests":[]}`, at + ".requests", "must be a text"},
		{"no time", `{"requests":1,"window":0}`, at + ".window", "1500ms"},
		{"a time that is none", `{"requests":1,"window":"soon"}`, at + ".window", "1500ms"},
		{"a huge time", `{"requests":1,"window":1e300}`, at + ".window", "1500ms"},
		{"short window", `{"requests":1,"window":"999ms"}`, at + ".window", `from "1s" to "720h"`},
		{"long window", `{"requests":1,"window":"720h1s"}`, at + ".window", `from "1s" to "720h"`},
		{"burst zero", `{"requests":1,"burst":0}`, at + ".burst", "from 1 to 1000000"},
		{"per nobody", `{"requests":1,"per":"user"}`, at + ".per", "ip, workflow"},
		{"misspelt", `{"requests":1,"windows":"1m"}`, at + ".windows", "requests, window, burst and per"},
		{"fills for years", `{"requests":1,"window":"720h","burst":13}`, at + ".burst", "more than a year"},
		{"all at once", `{"window":-1,"burst":-1,"per":1,"x":1}`, at + ".burst " + at + ".per " + at + ".requests " + at + ".window " + at + ".x", "is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, faults := compile(t, "httpstart", `{"rate_limit":`+tt.limit+`}`)
			if got := places(faults); got != tt.fields {
				t.Errorf("faults at %q, want %q", got, tt.fields)
			}
			if !strings.Contains(faults.Error(), tt.says) {
				t.Errorf("%v does not say %q", faults, tt.says)
			}
			if c.Start.RateLimit != (node.RateLimit{}) {
				t.Errorf("a faulty limit compiled to %+v", c.Start.RateLimit)
			}
		})
	}
}

// FuzzStartRateLimit proves that whatever compiles is a rate whose arithmetic
// stays exact: within what a floating-point number holds, for a year to come.
func FuzzStartRateLimit(f *testing.F) {
	for _, seed := range []string{`100`, `"100"`, `{"requests":1,"window":"720h","burst":12}`, `{"requests":1000000,"window":1,"per":"workflow"}`, `{"window":1e9}`, `[]`} {
		f.Add([]byte(seed))
	}
	typ, _ := node.NewRegistry(node.Builtins()...).Type("httpstart")
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := payload.Parse(b)
		if err != nil {
			return
		}
		c, faults := typ.Compile(node.Definition{ID: "n", Data: payload.Member("rate_limit", v)})
		for _, one := range faults {
			if !strings.HasPrefix(one.Field, "data.rate_limit") {
				t.Fatalf("a fault at %s", one.Field)
			}
		}
		rate := c.Start.RateLimit.Rate
		if rate.Unlimited() {
			return
		}
		const now, exact = int64(4e15), int64(1) << 53
		full := int64(0)
		for range 3 {
			next, a := rate.Take(full, now)
			if next < full || next > exact || a.Remaining < 0 || a.Remaining > rate.Size() || a.Full < 0 || a.RetryAfter < 0 {
				t.Fatalf("%+v: full at %d, %+v", rate, next, a)
			}
			full = next
		}
		if last := now + int64(rate.Size())*rate.Interval(); last <= now || last > exact {
			t.Fatalf("%+v is full at %d", rate, last)
		}
	})
}
