package wasm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// errBadCache says that what is in the cache cannot be read.
var errBadCache = errors.New("the cache of the module is damaged")

// sayBytes bounds what a child may say.
const sayBytes = 16 << 10

// said keeps the beginning of what a child says.
type said struct{ bytes.Buffer }

func (s *said) Write(b []byte) (int, error) {
	if room := sayBytes - s.Len(); room > 0 {
		s.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

// compileInChild compiles a module within the limits of the configuration.
func compileInChild(ctx context.Context, cfg Config, o CompileOptions, module []byte) error {
	ctx, cancel := context.WithTimeoutCause(ctx, cfg.CompileTime, errCompileTime)
	defer cancel()
	o.MemoryBytes = cfg.CompileMemory
	o.CPUSeconds = int64(math.Ceil(cfg.CompileTime.Seconds()))*childProcessors + 1
	var out, errs said
	cmd := exec.CommandContext(ctx, cfg.Compiler.Path, append(cfg.Compiler.Args[:len(cfg.Compiler.Args):len(cfg.Compiler.Args)], o.args()...)...) //nolint:gosec // G204: our own binary
	if cfg.Compiler.Name != "" {
		cmd.Args[0] = cfg.Compiler.Name
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(module), &out, &errs
	cmd.Env, cmd.Dir = []string{"MALLOC_ARENA_MAX=1", "GOTRACEBACK=none"}, "/"
	cmd.SysProcAttr = childAttributes()
	cmd.Cancel = func() error { killGroup(cmd.Process); return nil }
	cmd.WaitDelay = time.Second
	err := runLocked(cmd)
	if ctx.Err() != nil {
		return compileEnded(ctx, cfg)
	}
	var v verdict
	if json.Unmarshal(out.Bytes(), &v) != nil {
		return crashed(cfg, err, errs.String())
	}
	switch {
	case v.OK:
		return nil
	case v.BadCache:
		return errBadCache
	}
	return fault.New(fault.Invalid, "the module cannot be compiled: %s", firstLine(v.Problem))
}

// runLocked runs a child from a thread that outlives it, as the kernel kills
// children when the thread that started them ends.
func runLocked(cmd *exec.Cmd) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- cmd.Run()
	}()
	return <-done
}

// errCompileTime is the cause of a compilation that was stopped.
var errCompileTime = errors.New("the module takes too long to compile")

func compileEnded(ctx context.Context, cfg Config) error {
	if errors.Is(context.Cause(ctx), errCompileTime) {
		return fault.New(fault.LimitExceeded, "the module takes longer than %s to compile; build a smaller one with simpler functions, or set plugins.engine = \"interpreter\"", cfg.CompileTime).OverLimit("plugins.engine")
	}
	return fault.Wrap(context.Cause(ctx), fault.Cancelled, "the compilation was cancelled")
}

// crashed explains a child that ended without a verdict.
func crashed(cfg Config, err error, said string) error {
	for _, words := range []string{"out of memory", "cannot allocate memory", "failed to allocate", "failed to create new OS thread", "cannot map pages", "pthread_create failed"} {
		if strings.Contains(said, words) {
			return fault.Wrap(err, fault.LimitExceeded, "the module needs more than %d MiB of memory to compile; build a smaller one with simpler functions, or set plugins.engine = \"interpreter\"", cfg.CompileMemory>>20).OverLimit("plugins.engine")
		}
	}
	switch {
	case said == "" && err != nil:
		said = err.Error()
	case said == "":
		said = "it said nothing"
	}
	return fault.Wrap(err, fault.Unavailable, "the process that compiles plugins failed: %s", firstLine(said))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	const most = 500
	if len(line) > most {
		line = line[:most] + "..."
	}
	return line
}
