//go:build unix

package attack_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/goja"
	"github.com/arturoeanton/nflow-runtime/adapters/worker"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/child"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/confine"
	"github.com/arturoeanton/nflow-runtime/adapters/worker/trail"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/sandboxtest"
)

// serveWord makes this test binary be the program of child processes.
const serveWord = "serve-scripts"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == serveWord {
		if err := serveScripts(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveScripts does what the command worker does, for the functions of the
// suite.
func serveScripts(memory string) error {
	bytes, err := strconv.ParseInt(memory, 10, 64)
	if err != nil {
		return err
	}
	if err := confine.WarmUp(); err != nil {
		return err
	}
	where, err := trail.Open(os.NewFile(3, "trail"))
	if err != nil {
		return err
	}
	for fd := range 2 {
		if err := syscall.SetNonblock(fd, true); err != nil {
			return err
		}
	}
	in, out := os.NewFile(0, "in"), os.NewFile(1, "out")
	engine := goja.New(goja.Config{Functions: sandboxtest.Functions(), Marks: true})
	report, err := json.Marshal(confine.Apply(confine.Config{Keep: []int{0, 1, 2}, MemoryBytes: bytes}))
	if err != nil {
		return err
	}
	return child.Serve(child.Config{
		In: in, Out: out, Engine: engine, At: where.At, Report: report, Gone: func() { os.Exit(3) },
		Heap: child.NewHeap(bytes, func() {
			fmt.Fprintln(os.Stderr, "fatal error: out of memory")
			os.Exit(2)
		}),
	})
}

// TestConformance holds the engine in child processes to what the one inside
// the server does, and to what only it can do.
func TestConformance(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	sandboxtest.Run(t, sandboxtest.Subject{
		Hard: true, Bounded: !raceEnabled,
		Engine: func(t testing.TB) ports.ScriptEngine {
			memory := 0
			if !raceEnabled {
				memory = sandboxtest.HardMemory
			}
			pool, err := worker.New(worker.Config{
				Path: os.Args[0], Args: []string{serveWord, strconv.Itoa(memory)}, MaxSize: 4, Preload: 2,
				Observer: nobody{}, Log: slog.New(slog.DiscardHandler), StartTime: time.Minute,
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := pool.Close(); err != nil {
					t.Error(err)
				}
			})
			return pool
		},
	})
}

// nobody is told anything.
type nobody struct{}

func (nobody) RequestDone(string, string, int, time.Duration) {}
func (nobody) RunDone(string, ports.RunStatus, time.Duration) {}
func (nobody) NodeDone(string, fault.Code, time.Duration)     {}
func (nobody) Counted(ports.Event, string, int)               {}
func (nobody) Scripts(int, int)                               {}
