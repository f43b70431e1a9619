package cli

import (
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/goja"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/child"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/confine"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/trail"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

// newWorker is the command the server starts its script processes with. It is
// of no use to people.
func newWorker() *cobra.Command {
	var memory int64
	c := &cobra.Command{
		Use:    wire.WorkerCommand,
		Short:  "Run scripts for a server",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return work(memory) },
	}
	c.Flags().Int64Var(&memory, wire.WorkerMemoryFlag, 0, "bytes a script may use; 0 = unbounded")
	return c
}

// trailDescriptor is the first one after standard error.
const trailDescriptor = 3

// maxWorkerPrograms bounds the compiled scripts a process keeps: they take from
// the memory of the scripts that run.
const maxWorkerPrograms = 256

// workerGCPercent trades memory for time: a small heap doubles within a few
// hundred scripts, and the memory limit makes the collector stricter anyway
// when a script needs much.
const workerGCPercent = 200

// work confines this process and runs scripts until the server goes away.
func work(memory int64) error {
	// The server says when it is over; who ends both at once sends it to the server.
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	runtime.GOMAXPROCS(1) // one script at a time
	debug.SetGCPercent(workerGCPercent)
	if err := confine.WarmUp(); err != nil {
		return err
	}
	where, err := openTrail()
	if err != nil {
		return err
	}
	engine := goja.New(goja.Config{Functions: app.Functions(), MaxPrograms: maxWorkerPrograms, Marks: true})
	in, out, err := pipes()
	if err != nil {
		return err
	}
	report, err := json.Marshal(confine.Apply(confine.Config{Keep: []int{0, 1, 2}, MemoryBytes: memory}))
	if err != nil {
		return err
	}
	return child.Serve(child.Config{
		In: in, Out: out, Engine: engine, At: where.At, Report: report,
		Heap: child.NewHeap(memory, exceedMemory), Gone: func() { os.Exit(exitFailed) },
	})
}

// pipes are the server's, read and written through the poller: a read that
// blocked its thread would hold up the script that runs meanwhile.
func pipes() (in, out *os.File, err error) {
	for fd := range 2 {
		if err := syscall.SetNonblock(fd, true); err != nil {
			return nil, nil, err
		}
	}
	return os.NewFile(0, "in"), os.NewFile(1, "out"), nil
}

// exceedMemory ends the process as the runtime does when it gets no memory.
func exceedMemory() {
	say(os.Stderr, "fatal error: out of memory\n")
	os.Exit(exitUsage)
}

// openTrail maps what the server shares, where there is such a thing.
func openTrail() (*trail.Trail, error) {
	file := os.NewFile(trailDescriptor, "trail")
	t, err := trail.Open(file)
	if errors.Is(err, errors.ErrUnsupported) {
		return trail.Private(), nil
	}
	if err != nil {
		return nil, err
	}
	return t, file.Close()
}
