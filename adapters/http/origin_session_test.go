package http

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Browsers send no SameSite=Lax cookie with what another site posts. The workflow
// runs as for anybody, but its answer neither begins nor ends a session: it would
// be the visitor's, who has another one or knows nothing of it.
func TestNoSessionFromOtherOrigins(t *testing.T) {
	w := newWorld()
	trust := func(c *Config) { c.CrossOrigin.Trusted = []string{shop} }
	s, off := w.server(t, trust), w.server(t, func(c *Config) { trust(c); c.CrossOrigin.Off = true })
	cookies := []string{"", "a=1", "nflow_session=forged"}
	for i, row := range matrices() {
		t.Run(fmt.Sprintf("%s %s %s", row.name, row.method, row.target), func(t *testing.T) {
			change := ports.SessionChange{Changed: true, ID: "of-the-attacker", MaxAge: 60}
			if i%3 == 0 {
				change = ports.SessionChange{Changed: true}
			}
			status, fails := 200, error(nil)
			if i%2 == 0 {
				status, fails = 500, fault.New(fault.ScriptFailed, "x")
			}
			w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
				return ports.Outbound{RunID: "run-7", Session: change, Reply: node.Reply{Status: 200}}, fails
			}
			for _, cookie := range cookies {
				headers := row.headers("Cookie: " + cookie)
				reads := row.method == "GET" || row.method == "HEAD" || row.method == "OPTIONS"
				w.logged.Reset()
				rec := ask(s, row.method, "http://flows.test"+row.target, "", headers...)
				wantStatus(t, rec, status)
				set, logged := len(rec.Result().Cookies()) > 0, strings.Count(w.logged.String(), "auth.trusted_origins")
				if want := row.passes || reads; set != want || logged != map[bool]int{true: 0, false: 1}[want] {
					t.Errorf("with %q: cookies %v, logged %s", cookie, rec.Result().Cookies(), w.logged.String())
				}
				if log := w.logged.String(); strings.Contains(log, "of-the-attacker") || strings.Contains(log, "forged") {
					t.Errorf("the log shows a session: %s", log)
				}
				rec = ask(off, row.method, "http://flows.test"+row.target, "", headers...)
				if wantStatus(t, rec, status); len(rec.Result().Cookies()) == 0 {
					t.Error("switched off, and no cookie was set")
				}
			}
		})
	}
}

// The log names where a request came from, so that it can be trusted, whatever
// is sent in the name of an origin.
func TestWithheldSessionIsLogged(t *testing.T) {
	w := newWorld()
	s := w.server(t, nil)
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		return ports.Outbound{RunID: "run-7", Session: ports.SessionChange{Changed: true, ID: "s"}, Reply: node.Reply{Status: 200}}, nil
	}
	for origin, want := range map[string]string{
		evil: "origin=" + evil + " ", "null": "origin=null ", strings.Repeat("o", 5000): "origin=" + strings.Repeat("o", 200) + " ",
	} {
		w.logged.Reset()
		ask(s, "POST", "http://flows.test/x?secret", "", "Origin: "+origin, "X-Request-Id: request-9")
		line, _, _ := strings.Cut(w.logged.String(), "\n")
		for _, text := range []string{"level=WARN", want, "run_id=run-7", "request_id=request-9"} {
			if !strings.Contains(line, text) || strings.Contains(line, "secret") {
				t.Errorf("%.20s: no %q in %s", origin, text, line)
			}
		}
	}
}
