package kit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// burdens are the cases of much, of little time, and of hosts that do not help.
func burdens() []check {
	const (
		memory = "use less memory for a payload, or ask operators for more with plugins.memory_mb, or for less with plugins.max_payload"
		ending = "look at the deadline of the call and end with it; nFlow ends what does not, and starts it anew"
	)
	return []check{
		{"a payload of 1 MB", memory, false, sized(1_000_000)},
		{"a payload as large as may be", memory, false, sized(0)},
		{"a payload larger than may be", "", false, oversized},
		{"a call of 1 ms", ending, false, hurried},
		{"a call that is cancelled", ending, false, cancelled},
		{"32 calls at once", "keep nothing of a call in global variables without a lock", false, crowded},
		{"a host that denies everything", "hand the host's error on, or do without", false, helpless(deny)},
		{"a host that is out of order", "hand the host's error on, or do without", false, helpless(breakDown)},
		{"200 calls without growing", "free what a call used when it ends", false, enduring},
	}
}

// sized calls everything with a payload of so many bytes; 0 = the most there may
// be.
func sized(size int) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error {
		size, most := size, size == 0
		if most {
			size = b.Spec.MaxPayload
		}
		if size == 0 || b.Spec.MaxPayload > 0 && size > b.Spec.MaxPayload {
			return skipped("plugins.max_payload is %d", b.Spec.MaxPayload)
		}
		var cramped error
		for _, m := range b.members() {
			_, err := b.call(ctx, big(m, size), b.host)
			if f := fault.As(err); f != nil && f.Code == fault.LimitExceeded && most {
				cramped = skipped("a payload of %d bytes is too much for %s: %s; tell your users which limit they should raise, or to lower plugins.max_payload", size, m, f.Message)
				continue
			}
			if err != nil && strings.Contains(err.Error(), "max_payload") {
				continue // its answer is larger than what came
			}
			if err := survived(err); err != nil {
				return fmt.Errorf("the %s with %d bytes: %w", m, size, err)
			}
		}
		if err := b.healthy(ctx); err != nil {
			return err
		}
		return cramped
	}
}

// big is a call with a payload of exactly so many bytes.
func big(m member, size int) ports.PluginCall {
	before, after := `{"text":"`, `"}`
	if m.op == ports.PluginFunction {
		before, after = `["`, `"]`
	}
	text := before + strings.Repeat("x", size-len(before)-len(after)) + after
	c := ports.PluginCall{Op: m.op, Name: m.name, Payload: payload.Trusted([]byte(text))}
	if m.op == ports.PluginAction {
		c.Request = &ports.PluginRequest{ContentType: "application/json"}
	}
	return c
}

func oversized(ctx context.Context, b *bench) error {
	if b.Spec.MaxPayload == 0 {
		return skipped("plugins.max_payload is not set")
	}
	for _, m := range b.members() {
		if _, err := b.call(ctx, big(m, b.Spec.MaxPayload+1), b.host); fault.CodeOf(err) != fault.TooLarge {
			return fmt.Errorf("the %s got it: %w", m, err)
		}
	}
	return b.healthy(ctx)
}

func hurried(ctx context.Context, b *bench) error {
	return b.abandoned(ctx, func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, time.Millisecond)
	})
}

func cancelled(ctx context.Context, b *bench) error {
	return b.abandoned(ctx, func(ctx context.Context) (context.Context, context.CancelFunc) {
		inner, cancel := context.WithCancel(ctx)
		time.AfterFunc(2*time.Millisecond, cancel)
		return inner, cancel
	})
}

// abandoned makes calls nobody waits for to the end. They must end soon.
func (b *bench) abandoned(ctx context.Context, bounded func(context.Context) (context.Context, context.CancelFunc)) error {
	const soon = 5 * time.Second
	for _, m := range b.members() {
		if err := b.healthy(ctx); err != nil {
			return err
		}
		c := m.callOf(exampleOf(m))
		inner, cancel := bounded(ctx)
		begun := time.Now()
		_, err := b.plugin.Call(inner, c.PluginCall, b.host)
		cancel()
		b.judge(err)
		if took := time.Since(begun); took > soon {
			return fmt.Errorf("the %s went on for %s", m, took.Round(time.Millisecond))
		}
		if _, own := reported(err); err != nil && !own && fault.CodeOf(err) == fault.PluginFailed {
			return fmt.Errorf("the %s: %w", m, err)
		}
	}
	return b.healthy(ctx)
}

// crowded makes the proof many times at once.
func crowded(ctx context.Context, b *bench) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	if b.proof == nil {
		return skipped("no example worked")
	}
	const crowd = 32
	places := make(chan struct{}, max(1, min(crowd, b.Spec.MaxConcurrent)))
	failures := make([]error, crowd)
	var wg sync.WaitGroup
	p := b.plugin
	for i := range crowd {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			r, err := p.Call(ctx, b.proof.PluginCall, b.host)
			if err == nil {
				err = b.proof.compare(r)
			}
			failures[i] = err
		})
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return errors.New(first)
	}
	return nil
}

// helpless calls everything with a host that is of no help.
func helpless(host hostFunc) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error {
		for _, m := range b.members() {
			for _, e := range m.examples {
				_, err := b.call(ctx, m.callOf(e).PluginCall, host)
				if err := survived(err); err != nil {
					return fmt.Errorf("the %s: %w", m, err)
				}
			}
		}
		return b.healthy(ctx)
	}
}

// enduring makes the proof often and looks at the memory.
func enduring(ctx context.Context, b *bench) error {
	const (
		warm, rounds = 50, 200
		slack        = 16 << 20
	)
	var before int64
	for i := range warm + rounds {
		if i == warm {
			before = b.plugin.State().MemoryBytes
		}
		if err := b.prove(ctx); err != nil {
			return fmt.Errorf("call %d: %w", i+1, err)
		}
	}
	after := b.plugin.State().MemoryBytes
	if before == 0 || after == 0 {
		return skipped("all calls worked, but its memory is unknown")
	}
	if after > before+before/2+slack {
		return fmt.Errorf("its memory grew from %d MB to %d MB", before>>20, after>>20)
	}
	return nil
}
