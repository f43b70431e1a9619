package wire

import (
	"log/slog"
	"os"
	"runtime"
	"strconv"

	"github.com/arturoeanton/nflow-runtime/adapters/goja"
	"github.com/arturoeanton/nflow-runtime/adapters/worker"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// The command that serves package worker/child, and its flag.
const (
	WorkerCommand    = "worker"
	WorkerMemoryFlag = "memory"
)

// The values of vm_pool.isolation.
const (
	isolationProcess   = "process"
	isolationInProcess = "in_process"
)

// engines are the script engines the configuration asks for.
type engines struct {
	standard   ports.ScriptEngine
	byWorkflow map[string]ports.ScriptEngine
	pool       *worker.Pool // nil when no workflow needs one
}

func newEngines(c config.VMPool, clock ports.Clock, observer ports.Observer, log *slog.Logger) (engines, error) {
	inside := goja.New(goja.Config{Functions: app.Functions(), Now: clock.Now})
	e := engines{standard: inside, byWorkflow: map[string]ports.ScriptEngine{}}
	wanted := c.Isolation == isolationProcess
	for _, isolation := range c.WorkflowIsolation {
		wanted = wanted || isolation == isolationProcess
	}
	if wanted {
		pool, err := newPool(c, observer, log)
		if err != nil {
			return e, err
		}
		e.pool = pool
		if report := pool.Report(); !report.Complete() {
			log.Warn("the processes that run scripts are not completely confined", "missing", report.Missing())
		}
	}
	if c.Isolation == isolationProcess {
		e.standard = e.pool
	}
	for workflow, isolation := range c.WorkflowIsolation {
		if isolation == isolationProcess {
			e.byWorkflow[workflow] = e.pool
		} else {
			e.byWorkflow[workflow] = inside
		}
	}
	return e, nil
}

// newPool starts processes of this very binary.
func newPool(c config.VMPool, observer ports.Observer, log *slog.Logger) (*worker.Pool, error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	var env []string
	if zone, ok := os.LookupEnv("TZ"); ok { // scripts tell the time as the server does
		env = append(env, "TZ="+zone)
	}
	return worker.New(worker.Config{
		Path: self, Name: "nflow", Args: []string{WorkerCommand, "--" + WorkerMemoryFlag, strconv.FormatInt(int64(c.MaxMemoryMB)<<20, 10)},
		Env: env,
		// One more than scripts at once: a script waits for the analysis of what it
		// requires, which runs in a process of its own.
		MaxSize: c.MaxSize + 1, Preload: c.PreloadSize,
		IdleTimeout: c.IdleTimeout, CleanupInterval: c.CleanupInterval,
		RequireHardening: c.RequireHardening, Observer: observer, Log: log,
	})
}

// executable is this binary. On Linux it is named so that it stays the same one
// when its file is replaced by a newer version.
func executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// describe is what Health says about isolation, and why no script can run.
func (e engines) describe() (lines map[string]string, broken error) {
	if e.pool == nil {
		return map[string]string{"isolation": "off: scripts run in this process"}, nil
	}
	if report := e.pool.Report(); !report.Complete() {
		return map[string]string{"isolation": "incomplete: " + report.String()}, e.pool.Broken()
	}
	return map[string]string{"isolation": "ok"}, e.pool.Broken()
}
