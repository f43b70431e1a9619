package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

type fixedClock struct{ now time.Time }

func (c *fixedClock) Now() time.Time { return c.now }

func newTestVerdicts() (*verdicts, *fixedClock) {
	clock := &fixedClock{time.Unix(1000, 0)}
	return newVerdicts(clock, time.Minute), clock
}

func TestVerdictsAreBounded(t *testing.T) {
	c, clock := newTestVerdicts()
	put := func(name string, size int) {
		s := node.Script{Code: name + strings.Repeat(" ", size)}
		if _, err := c.get(t.Context(), keyOf(s), func() (*verdict, error) { return newVerdict(s, nil, nil), nil }); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxVerdicts + 50 {
		put(fmt.Sprint(i), 0)
	}
	if len(c.known) > maxVerdicts {
		t.Errorf("%d are kept", len(c.known))
	}
	for i := range 100 {
		put(fmt.Sprint("big", i), maxVerdictBytes/20)
	}
	sum := 0
	for _, v := range c.known {
		sum += v.bytes
	}
	if sum != c.bytes || sum > maxVerdictBytes {
		t.Errorf("%d bytes are kept, %d are counted", sum, c.bytes)
	}
	clock.now = clock.now.Add(time.Hour)
	put("fits only when the old ones go", maxVerdictBytes-1000)
	if len(c.known) != 1 {
		t.Errorf("%d are kept", len(c.known))
	}
}

func TestVerdictsDistinguishScripts(t *testing.T) {
	c, _ := newTestVerdicts()
	for _, s := range []node.Script{{Code: "a"}, {Code: "a", Entry: "main"}, {Code: "a", Language: node.TypeScript}, {Code: "b"}} {
		asked := false
		_, err := c.get(t.Context(), keyOf(s), func() (*verdict, error) { asked = true; return newVerdict(s, nil, nil), nil })
		if err != nil || !asked {
			t.Errorf("%+v was taken for another", s)
		}
	}
	if keyOf(node.Script{Code: "a", Entry: "main"}) != keyOf(node.Script{Code: "a", Entry: "log", Field: "x"}) {
		t.Error("the same script under another entry is analysed again")
	}
}

// A panic or an error is nobody's verdict.
func TestVerdictsSurviveFailures(t *testing.T) {
	c, _ := newTestVerdicts()
	key := keyOf(node.Script{Code: "a"})
	func() {
		defer func() { _ = recover() }()
		_, _ = c.get(t.Context(), key, func() (*verdict, error) { panic("x") })
	}()
	boom := errors.New("boom")
	if _, err := c.get(t.Context(), key, func() (*verdict, error) { return nil, boom }); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if v, err := c.get(t.Context(), key, func() (*verdict, error) { return &verdict{bytes: 1}, nil }); err != nil || v.bytes != 1 {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestWaitingForAVerdictEnds(t *testing.T) {
	c, _ := newTestVerdicts()
	key := keyOf(node.Script{Code: "a"})
	done, _ := c.begin(key)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.get(ctx, key, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(done)
}

func TestKnownVerdictCostsNothing(t *testing.T) {
	c, _ := newTestVerdicts()
	s := node.Script{Code: strings.Repeat("x", 1000)}
	ctx := t.Context()
	get := func() {
		if _, err := c.get(ctx, keyOf(s), func() (*verdict, error) { return newVerdict(s, nil, nil), nil }); err != nil {
			t.Fatal(err)
		}
	}
	get()
	if n := testing.AllocsPerRun(100, get); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkKnownVerdict(b *testing.B) {
	for _, size := range []int{1 << 10, 100 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c, _ := newTestVerdicts()
			s := node.Script{Code: strings.Repeat("x", size)}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = c.get(context.Background(), keyOf(s), func() (*verdict, error) { return newVerdict(s, nil, nil), nil })
			}
		})
	}
}
