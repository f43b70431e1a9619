package confine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test binary is its own child: with this variable set it confines itself,
// sends its report as a line of standard output, acts as the variable says,
// and sends what came of it as a second line.
const (
	actVariable    = "NFLOW_TEST_CONFINED"
	memoryVariable = "NFLOW_TEST_MEMORY"
	middleAct      = "middle" // do not confine, but start a confined child
)

func TestMain(m *testing.M) {
	if act := os.Getenv(actVariable); act != "" {
		runChild(act)
	}
	ignore := goleak.IgnoreTopFunction("github.com/arturoeanton/nflow-runtime/adapters/worker/confine.spawn")
	go spawn()
	goleak.VerifyTestMain(m, ignore)
}

// starts are the children to start, by one thread that lives as long as the
// tests.
var starts = make(chan func())

func spawn() {
	runtime.LockOSThread()
	if err := Thread("/proc/self/exe"); err != nil {
		fmt.Fprintln(os.Stderr, err) // children will report it
	}
	for start := range starts {
		start()
	}
}

// outcome is what the child says of its act.
type outcome struct {
	Error string `json:"error"`
}

func runChild(name string) {
	if name == middleAct {
		runMiddle()
	}
	act, known := acts()[name]
	memory, _ := strconv.ParseInt(os.Getenv(memoryVariable), 10, 64)
	if !known {
		fmt.Fprintln(os.Stderr, "no act", name)
		os.Exit(3)
	}
	out := json.NewEncoder(os.Stdout)
	if err := WarmUp(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	began := time.Now()
	report := Apply(Config{Keep: []int{0, 1, 2}, MemoryBytes: memory})
	took := time.Since(began)
	out.Encode(struct {
		Report
		Took time.Duration `json:"took"`
	}{report, took})
	var o outcome
	if err := act(); err != nil {
		o.Error = err.Error()
	}
	out.Encode(o)
	os.Exit(0)
}

// runMiddle starts a confined child that waits, as this process does. Neither
// ends by itself.
func runMiddle() {
	runtime.LockOSThread()
	if err := Thread("/proc/self/exe"); err != nil {
		os.Exit(3)
	}
	cmd := command("wait")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		os.Exit(3)
	}
	if err := cmd.Start(); err != nil {
		os.Exit(3)
	}
	cmd.Wait()
	os.Exit(0)
}

// child is a confined process as its parent sees it.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser // closing it lets the act "wait" end
	out    *json.Decoder
	stderr bytes.Buffer
	report Report
	took   time.Duration
}

// command is this binary, about to act.
func command(act string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(Env(), actVariable+"="+act, "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = ProcAttr()
	return cmd
}

// startChild starts the binary with an act and reads the report.
func startChild(t testing.TB, act string, memory int64) *child {
	t.Helper()
	c := &child{cmd: command(act)}
	c.cmd.Env = append(c.cmd.Env, memoryVariable+"="+strconv.FormatInt(memory, 10))
	c.cmd.Stderr = &c.stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = json.NewDecoder(out)
	started := make(chan error)
	starts <- func() { started <- c.cmd.Start() }
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.cmd.Process.Kill(); c.cmd.Wait() })
	first := struct {
		*Report
		Took *time.Duration `json:"took"`
	}{&c.report, &c.took}
	if err := c.out.Decode(&first); err != nil {
		c.cmd.Wait()
		t.Fatalf("no report: %v; the child ended with %v and said:\n%s", err, c.cmd.ProcessState, c.stderr.String())
	}
	return c
}

// end waits for the act. Without an outcome the child died over it.
func (c *child) end() (o outcome, cause Cause) {
	_ = c.out.Decode(&o) // the cause says it all
	c.cmd.Wait()
	return o, CauseOf(c.stderr.String(), c.cmd.ProcessState)
}
