package script

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// world is what the commands of one script share.
type world struct {
	env    []string
	server *server
	client *http.Client
	flying chan answer // the request that runs in the background
}

type answer struct {
	body []byte
	err  error
}

// quickExit keeps the race detector from making each process wait at its end.
const quickExit = "GORACE=atexit_sleep_ms=0"

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func setup(env *testscript.Env) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	env.Vars = append(env.Vars, quickExit)
	w := &world{env: env.Vars, client: newClient()}
	w.client.Jar = jar
	env.Values[worldKey{}] = w
	env.Defer(func() {
		if w.server != nil {
			w.server.kill()
		}
	})
	return nil
}

// TestScripts runs every script below testdata.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", Setup: setup, RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "shut": shut, "sigterm": sigterm, "http": httpCommand, "send": send, "receive": receive,
			"until": until, "waitlog": waitlog, "capture": capture,
		},
	})
}

func noNeg(ts *testscript.TestScript, neg bool) {
	if neg {
		ts.Fatalf("this command cannot be negated")
	}
}

// httpCommand is http CURL-ARGS...; cookies live as long as the script.
func httpCommand(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	c, err := parseCall(ts.MkAbs("."), append(args, "-i"))
	ts.Check(err)
	ts.Check(c.do(worldOf(ts).client, ts.Stdout()))
}

// send is http in the background; receive prints its answer.
func send(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	w := worldOf(ts)
	c, err := parseCall(ts.MkAbs("."), append(args, "-i"))
	ts.Check(err)
	flying := make(chan answer, 1)
	w.flying = flying
	go func() {
		var b bytes.Buffer
		err := c.do(w.client, &b)
		flying <- answer{b.Bytes(), err}
	}()
}

func receive(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	a := <-worldOf(ts).flying
	ts.Check(a.err)
	_, err := ts.Stdout().Write(a.body)
	ts.Check(err)
}

// until REGEXP CURL-ARGS... asks until the answer matches.
func until(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	want := regexp.MustCompile(args[0])
	c, err := parseCall(ts.MkAbs("."), append(args[1:], "-i"))
	ts.Check(err)
	var b bytes.Buffer
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		b.Reset()
		ts.Check(c.do(worldOf(ts).client, &b))
		if want.Match(b.Bytes()) {
			_, err := ts.Stdout().Write(b.Bytes())
			ts.Check(err)
			return
		}
	}
	ts.Fatalf("no answer matches %s: %s", want, b.Bytes())
}

// waitlog REGEXP waits for a line of the server's log.
func waitlog(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	want := regexp.MustCompile(args[0])
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if log, err := os.ReadFile(worldOf(ts).server.log); err == nil && want.Match(log) {
			return
		}
	}
	ts.Fatalf("the log has nothing like %s", want)
}

// capture NAME REGEXP sets a variable to the first group of what the last
// command printed.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) < 2 {
		ts.Fatalf("nothing in the output is like %s", args[1])
	}
	ts.Setenv(args[0], m[1])
}
