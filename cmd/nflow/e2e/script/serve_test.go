package script

import (
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve [KEY=VALUE...] [ARG...] starts a server and sets URL, ADDR, TOKEN and
// AUTH, the header with the token.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	w := worldOf(ts)
	if w.server != nil {
		w.server.kill() // it has ended, unless the script forgot it
	}
	env := w.env
	for len(args) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(args[0]) {
		env, args = append(env[:len(env):len(env)], args[0]), args[1:]
	}
	s, err := startServer(ts.MkAbs("."), env, args)
	ts.Check(err)
	w.server = s
	ts.Setenv("URL", s.url)
	ts.Setenv("ADDR", strings.TrimPrefix(s.url, "http://"))
	if s.token != "" {
		ts.Setenv("TOKEN", s.token)
		ts.Setenv("AUTH", "Authorization: Bearer "+s.token)
	}
}

// shut sends SIGTERM and wants exit code 0.
func shut(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	err := worldOf(ts).server.stop()
	if err != nil {
		ts.Fatalf("%v: %s", err, ts.ReadFile("serve.log"))
	}
	if log := ts.ReadFile("serve.log"); !strings.Contains(log, "nFlow Runtime stopping") {
		ts.Fatalf("the log does not say that the server stops: %s", log)
	}
}

// sigterm sends SIGTERM and does not wait.
func sigterm(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	ts.Check(worldOf(ts).server.signal())
}
