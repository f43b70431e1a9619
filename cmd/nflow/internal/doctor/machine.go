package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const gib = 1 << 30

// scripts is how many scripts may use their memory at once.
func scripts(p Patient) int64 { return int64(p.Config.VMPool.MaxSize) }

// memory compares what scripts may take with what there is.
func memory(_ context.Context, p Patient, f *Findings) {
	const check = "memory"
	there := machineMemory(os.ReadFile)
	each := int64(p.Config.VMPool.MaxMemoryMB) << 20
	switch most := scripts(p) * each; {
	case there == 0:
		f.ok(check, "the system does not say how much there is")
	case each == 0:
		f.warn(check, "set vm_pool.max_memory_mb", "%.1f GiB, and one script may take them all", float64(there)/gib)
	case most > there:
		f.warn(check, "lower vm_pool.max_size or vm_pool.max_memory_mb", "%d scripts of %d MiB may take %.1f GiB; there are %.1f GiB",
			scripts(p), each>>20, float64(most)/gib, float64(there)/gib)
	default:
		f.ok(check, "%.1f GiB; %d scripts of %d MiB take %.1f GiB at most", float64(there)/gib, scripts(p), each>>20, float64(most)/gib)
	}
}

// machineMemory is what this process may use at most, by the machine and its
// control group; 0 when the system does not say.
func machineMemory(read func(string) ([]byte, error)) int64 {
	total := int64(0)
	if text, err := read("/proc/meminfo"); err == nil {
		_, rest, _ := strings.Cut(string(text), "MemTotal:")
		var kib int64
		if _, err := fmt.Sscan(rest, &kib); err == nil {
			total = kib << 10
		}
	}
	for _, name := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := read(name)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && (total == 0 || limit < total) {
			total = limit
		}
	}
	return total
}

// What a server needs descriptors for, roughly.
const (
	perChild = 4
	perOther = 256 // connections of visitors, files, log
)

func descriptors(_ context.Context, p Patient, f *Findings) {
	const check = "descriptors"
	limit, ok := descriptorLimit()
	if !ok {
		f.ok(check, "the system does not say how many there are")
		return
	}
	need := int64(perOther + p.Config.Store.MaxOpenConns)
	if p.Config.VMPool.Isolation == "process" {
		need += perChild * scripts(p)
	}
	for _, d := range p.Config.Databases {
		need += int64(d.MaxOpenConns)
	}
	if limit < need {
		f.warn(check, "raise the limit (ulimit -n, LimitNOFILE) or lower vm_pool.max_size", "%d; about %d may be needed", limit, need)
		return
	}
	f.ok(check, "%d; about %d may be needed", limit, need)
}

// disks looks for room where things are written.
func disks(_ context.Context, p Patient, f *Findings) {
	places := map[string]string{"temporary files": os.TempDir()}
	if path := sqlitePath(p.Config.Store.DSN.Reveal()); p.Config.Store.Driver == sqlite && path != "" {
		places["the database"] = filepath.Dir(path)
	}
	if p.Config.VMPool.EnableFilesystem {
		places["files of scripts"] = p.Config.VMPool.FilesystemRoot
	}
	for _, what := range sortedKeys(places) {
		free, ok := freeSpace(places[what])
		switch {
		case !ok:
		case free < gib/16:
			f.fail("disk", "make room", "%d MiB free for %s (%s)", free>>20, what, places[what])
		case free < gib:
			f.warn("disk", "make room", "%d MiB free for %s (%s)", free>>20, what, places[what])
		default:
			f.ok("disk", "%.1f GiB free for %s (%s)", float64(free)/gib, what, places[what])
		}
	}
}

// clock looks for one that was never set, and for one that jumps.
func clock(_ context.Context, _ Patient, f *Findings) {
	const check, look = "clock", 50 * time.Millisecond
	start := time.Now()
	if start.Year() < 2025 {
		f.fail(check, "set the clock; run a time service", "it says %s", start.Format(time.DateTime))
		return
	}
	time.Sleep(look)
	end := time.Now()
	monotonic, wall := end.Sub(start), end.Round(0).Sub(start.Round(0))
	if apart := (wall - monotonic).Abs(); apart > look {
		f.warn(check, "run a time service that slews the clock", "it moved by %s within %s", apart, monotonic.Round(time.Millisecond))
		return
	}
	f.ok(check, "%s, %d processors, %s/%s", start.Format(time.RFC3339), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}
