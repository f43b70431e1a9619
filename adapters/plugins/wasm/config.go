package wasm

import (
	"errors"
	"log/slog"
	"time"
)

// Config is what a Loader is made of. Log is required.
type Config struct {
	// CacheDir keeps compiled modules; only this user may write there, as what is
	// in it is executed. Empty compiles modules again each time, in this process.
	CacheDir string
	// CacheModules bounds the modules kept there, oldest first, but what was used
	// within an hour stays; 0 = 64.
	CacheModules int
	// Compiler is a program that calls Compile, normally this very binary with a
	// command of its own. Without Path modules are compiled in this process, which
	// a hostile one can keep busy for minutes and make use gigabytes.
	Compiler Command
	// CompileTime and CompileMemory (bytes) bound the compilation of one module;
	// 0 = 30 s and 1 GiB.
	CompileTime   time.Duration
	CompileMemory int64
	// StartTime bounds the start of the first instance; 0 = 10 s. Later ones are
	// bounded by the time of the call that needs them.
	StartTime time.Duration
	// Log gets what plugins print and how they fail.
	Log *slog.Logger
}

// Command is a program and how it is called: Name is what processes are listed
// by, Args stand before those that are added.
type Command struct {
	Path, Name string
	Args       []string
}

const (
	defaultCompileTime   = 30 * time.Second
	defaultCompileMemory = 1 << 30
	defaultStartTime     = 10 * time.Second
	defaultCacheModules  = 64
)

// Validate reports everything that is wrong with a configuration.
func (c Config) Validate() error {
	var faults []error
	if c.Log == nil {
		faults = append(faults, errors.New("wasm.Config.Log is missing"))
	}
	if c.Compiler.Path != "" && c.CacheDir == "" {
		faults = append(faults, errors.New("wasm.Config.CacheDir is missing; Compiler needs it"))
	}
	return errors.Join(faults...)
}

func (c Config) filled() Config {
	if c.CompileTime <= 0 {
		c.CompileTime = defaultCompileTime
	}
	if c.CompileMemory <= 0 {
		c.CompileMemory = defaultCompileMemory
	}
	if c.StartTime <= 0 {
		c.StartTime = defaultStartTime
	}
	if c.CacheModules <= 0 {
		c.CacheModules = defaultCacheModules
	}
	return c
}
