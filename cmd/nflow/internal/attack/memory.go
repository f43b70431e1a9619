package attack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// gauge watches how much memory attacks take, of this process and of its
// children, while it runs.
type gauge struct {
	start    int64 // of this process
	own      atomic.Int64
	children atomic.Int64 // most that one child grew by
	before   map[int]int64
	over     chan struct{}
}

const gaugeInterval = 10 * time.Millisecond

// newGauge starts to watch until ctx ends. over is closed when this process grew
// by more than limit.
func newGauge(ctx context.Context, limit int64) *gauge {
	g := &gauge{start: ownMemory(), before: map[int]int64{}, over: make(chan struct{})}
	for _, pid := range children() {
		g.before[pid] = residentOf(pid)
	}
	go g.watch(ctx, limit)
	return g
}

func (g *gauge) watch(ctx context.Context, limit int64) {
	tick := time.NewTicker(gaugeInterval)
	defer tick.Stop()
	told := false
	for {
		own := ownMemory() - g.start
		raise(&g.own, own)
		if own > limit && !told {
			told = true
			close(g.over)
		}
		for _, pid := range children() {
			raise(&g.children, residentOf(pid)-g.before[pid])
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func raise(to *atomic.Int64, n int64) {
	for old := to.Load(); n > old; old = to.Load() {
		if to.CompareAndSwap(old, n) {
			return
		}
	}
}

// ownMemory is what this process holds of the machine's memory, in bytes.
func ownMemory() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64()) - int64(samples[1].Value.Uint64())
}

// children are the processes this one started; none where the system has no
// /proc.
func children() []int {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return nil
	}
	var pids []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread ended meanwhile
		}
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// residentOf is the memory a process holds, in bytes; 0 when not known.
func residentOf(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0
	}
	return kib << 10
}
