//go:build linux

package process_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// What the limit promises: a plugin may use its memory and hardly more, whether
// it grows slowly or at full speed.
func TestMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory has no bounds")
	}
	for _, mb := range []int{16, 64, 256} {
		t.Run(itoa(mb), func(t *testing.T) {
			cfg, _ := quick(t)
			cfg.LookEvery = 10 * time.Millisecond
			s := actorSpec(t)
			s.MemoryBytes = int64(mb) << 20
			p := open(t, newLoader(t, cfg), s)
			mustCall(t, p, fmt.Sprintf("eat %d", mb*3/4), "")
			time.Sleep(3 * cfg.LookEvery) // nothing comes of it, for which one can only wait
			mustCall(t, p, "echo", "1")
			if s := p.State(); s.Restarts != 0 {
				t.Fatalf("state %+v", s)
			}
			if _, err := call(context.Background(), p, fmt.Sprintf("eat %d", mb/2), ""); err != nil {
				wantFault(t, err, fault.PluginFailed, "plugins.memory_mb allows "+itoa(mb))
			}
			eventually(t, "it is replaced", 5*time.Second, func() bool { return p.State().Restarts == 1 })
			mustCall(t, p, "echo", "1")
			_, err := call(context.Background(), p, "eat 2000", "")
			wantFault(t, err, fault.PluginFailed, "memory")
			mustCall(t, p, "echo", "1")
		})
	}
}

// A program is no exception because it is no Go program, or not ready yet.
func TestMemoryUntilReady(t *testing.T) {
	cfg, _ := quick(t)
	cfg.BaseBytes = 16 << 20
	s := script(`head -c 300000000 /dev/zero | tail >/dev/null; exit 5`)
	s.MemoryBytes = 16 << 20
	_, err := newLoader(t, cfg).Open(context.Background(), s)
	wantFault(t, err, fault.Unavailable, "tail: memory exhausted", "exit status 5")
}
