package worker

import (
	"log/slog"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// Config is what a Pool is made of.
type Config struct {
	// Path and Args are the program that serves package child, normally this
	// very binary with a command of its own.
	// Name is what the processes are called where processes are listed.
	Path, Name string
	Args       []string
	// Env is their whole environment.
	Env []string
	// MaxSize bounds the processes; Preload are started ahead and kept.
	MaxSize, Preload int
	// IdleTimeout is how long a process above Preload may wait for work;
	// CleanupInterval is how often those are looked for. 0 = never.
	IdleTimeout, CleanupInterval time.Duration
	// RequireHardening refuses processes that are not completely confined.
	RequireHardening bool
	// Observer is told about killed and lost processes.
	Observer ports.Observer
	Log      *slog.Logger

	// Grace is how long a script may go on after its time, for its process to
	// stop it softly; 0 = 200 ms.
	Grace time.Duration
	// LongTime is how long a script runs until its process gets a lower
	// priority, so that short scripts need not wait for long ones; 0 = 5 ms.
	LongTime time.Duration
	// CheckTime bounds reading and analysing one script; 0 = 10 s.
	CheckTime time.Duration
	// StartTime bounds the start of a process; 0 = 10 s.
	StartTime time.Duration
}

const (
	defaultGrace     = 200 * time.Millisecond
	defaultLongTime  = 5 * time.Millisecond
	defaultCheckTime = 10 * time.Second
	defaultStartTime = 10 * time.Second
)

func (c Config) filled() Config {
	c.MaxSize = max(c.MaxSize, 1)
	c.Preload = min(max(c.Preload, 0), c.MaxSize)
	if c.Grace <= 0 {
		c.Grace = defaultGrace
	}
	if c.LongTime <= 0 {
		c.LongTime = defaultLongTime
	}
	if c.CheckTime <= 0 {
		c.CheckTime = defaultCheckTime
	}
	if c.StartTime <= 0 {
		c.StartTime = defaultStartTime
	}
	return c
}
