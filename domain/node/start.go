package node

import (
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// LoginPath is where a visitor without a profile is sent.
const LoginPath = "/nflow_login"

// AnyMethod is a start node's method that accepts every HTTP method.
const AnyMethod = "ANY"

// startTypes are the entries of a workflow: httpstart as in the manual, starter
// as the designer writes it. Data: method, path or urlpattern, auth or
// nflow_auth, rate_limit.
func startTypes() []Type {
	return []Type{{Name: "httpstart", Compile: compileStart}, {Name: "starter", Compile: compileStart}}
}

func compileStart(d Definition) (Compiled, fault.List) {
	f := read(d)
	s := Start{
		Method: strings.ToUpper(f.text("method")),
		Path:   f.text("path"),
		Auth:   f.flag("auth") || f.flag("nflow_auth"),

		RateLimit: rateLimit(f, "rate_limit"),
	}
	if s.Method == "" {
		s.Method = AnyMethod
	}
	if strings.Trim(s.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		f.wrong("method", "%q is not an HTTP method or ANY", s.Method)
	}
	if s.Path == "" {
		s.Path = f.text("urlpattern")
	}
	c := Compiled{Executor: start{auth: s.Auth}, Start: &s}
	if s.Auth {
		script := Script{Default: true, Entry: "auth", Field: "default_js"}
		c.Needs = append(c.Needs, Need{Kind: NeedScript, Field: "default_js", Script: script})
	}
	return c, f.faults
}

type start struct{ auth bool }

func (s start) Plan(in Input) (Step, error) {
	if !s.auth {
		return finish(Outcome{Payload: in.Payload})
	}
	return ask(ScriptRequest{
		Script:  Script{Default: true, Entry: "auth", Field: "default_js"},
		Payload: in.Payload,
		Locals:  in.Locals,
	})
}

// Settle reads what auth() decided. Going to the login page first keeps where
// the visitor wanted to go.
func (s start) Settle(in Input, r Result) (Step, error) {
	switch r := r.(type) {
	case ScriptResult:
		o := Outcome{Payload: r.Payload, Next: r.Next, Jump: true, Reply: r.Reply, Header: r.Header, Locals: r.Locals}
		switch {
		case r.Next == "login":
			return ask(SessionRequest{Session: "auth-session", Key: "redirect_url", Value: payload.Text(in.URL)})
		case r.Next == "break" || r.Reply != nil:
			o.Stop = true
		}
		return finish(o)
	case Done:
		login := &Reply{Status: 302, Header: []Header{{"Location", LoginPath}}}
		return finish(Outcome{Payload: in.Payload, Stop: true, Reply: login})
	}
	return unexpected(r)
}
