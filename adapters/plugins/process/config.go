package process

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"time"
)

// Config says how plugins are run. A zero duration or number takes its default.
type Config struct {
	// RunDir is where sockets and copies of programs are; made when missing, and
	// then for this user alone. It must allow programs (no noexec), and its path
	// must be short, because those of sockets are bounded.
	RunDir string
	// Host carries plugins that are no programs; nil = artifacts are executed.
	Host *Host
	// Log gets what plugins print; nil = nobody does.
	Log *slog.Logger

	StartTime time.Duration // for a start; default 10 s, with Host 30 s
	Grace     time.Duration // for a call to end once cancelled; default 250 ms
	CloseTime time.Duration // for a process to end by itself; default 2 s

	Backoff    time.Duration // before the first start again, doubled by each further one; default 100 ms
	MaxBackoff time.Duration // its bound; default 30 s
	Healthy    time.Duration // how long a process must live to begin anew; default 60 s
	Patience   time.Duration // how long a call waits for a start; default 1 s

	// LookEvery is how often the memory of a process is looked at; default 500 ms.
	LookEvery time.Duration

	MaxFaults   int           // so many within FaultWindow, and it is not started any more; default 10
	FaultWindow time.Duration // default 5 min

	// BaseBytes is what a process may need of memory until it is ready, on top of
	// PluginSpec.MemoryBytes, for its language's runtime; default 256 MiB, with Host
	// 512 MiB.
	BaseBytes int64
}

// Host is a program that serves artifacts: it is started with Args and the path
// of the artifact, and finds a HostSpec in the environment.
type Host struct {
	Path string // of the program
	Name string // what it sees as its own name; empty = Path
	Args []string
	// CacheDir is passed on in the HostSpec.
	CacheDir string
}

const (
	baseBytes     = 256 << 20
	hostBaseBytes = 512 << 20
)

func (c Config) withDefaults() Config {
	if c.Host != nil { // which starts the artifact, too
		set(&c.StartTime, 30*time.Second)
		set(&c.BaseBytes, hostBaseBytes)
	}
	set(&c.StartTime, 10*time.Second)
	set(&c.Grace, 250*time.Millisecond)
	set(&c.CloseTime, 2*time.Second)
	set(&c.Backoff, 100*time.Millisecond)
	set(&c.MaxBackoff, 30*time.Second)
	set(&c.Healthy, time.Minute)
	set(&c.Patience, time.Second)
	set(&c.LookEvery, 500*time.Millisecond)
	set(&c.MaxFaults, 10)
	set(&c.FaultWindow, 5*time.Minute)
	set(&c.BaseBytes, baseBytes)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	var errs []error
	if !filepath.IsAbs(c.RunDir) {
		errs = append(errs, fmt.Errorf("plugin_host.run_dir must be an absolute path, but is %q", c.RunDir))
	}
	if c.Host != nil && c.Host.Path == "" {
		errs = append(errs, errors.New("the program that hosts plugins has no path"))
	}
	for name, d := range map[string]time.Duration{
		"StartTime": c.StartTime, "Grace": c.Grace, "CloseTime": c.CloseTime, "Backoff": c.Backoff,
		"MaxBackoff": c.MaxBackoff, "Healthy": c.Healthy, "Patience": c.Patience, "FaultWindow": c.FaultWindow,
		"LookEvery": c.LookEvery,
	} {
		if d < 0 {
			errs = append(errs, fmt.Errorf("%s is negative: %s", name, d))
		}
	}
	if c.MaxFaults < 0 || c.BaseBytes < 0 {
		errs = append(errs, errors.New("MaxFaults and BaseBytes must not be negative"))
	}
	return errors.Join(errs...)
}

// headerBytes is what a message may hold besides its payload.
const headerBytes = 1 << 20

// messageBytes bounds a message to or from a plugin.
func messageBytes(maxPayload int) int {
	if maxPayload <= 0 || maxPayload > math.MaxInt32-headerBytes {
		return math.MaxInt32
	}
	return maxPayload + headerBytes
}
