package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// browser keeps the cookie between requests, as a visitor's browser does.
type browser struct {
	*world

	id      string
	changed bool // by the last request
}

func (b *browser) ask(in *ports.Inbound) string {
	b.t.Helper()
	in.SessionID = b.id
	out, err := b.Serve(b.t.Context(), in)
	if b.changed = out.Session.Changed; b.changed {
		b.id = out.Session.ID
	}
	return answer(out, err)
}

func (b *browser) expect(in *ports.Inbound, want string) {
	b.t.Helper()
	if got := b.ask(in); got != want {
		b.t.Errorf("%s %s?%s: got %q, want %q", in.Method, in.Path, in.RawQuery, got, want)
	}
}

// sessionWorld has routes that call session functions.
func sessionWorld(t *testing.T, change ...func(*app.Deps, *app.Config)) *world {
	t.Helper()
	w := newWorld(t, change...)
	var nodes []string
	for path, call := range map[string][]string{
		"/set":     {"set_session", `"cart"`, `"item"`, `"tea"`},
		"/set2":    {"set_session", `"cart"`, `"size"`, `2`},
		"/get":     {"get_session", `"cart"`, `"item"`},
		"/open":    {"open_session", `"cart"`},
		"/save":    {"save_session", `"cart"`, `{"item":"milk","n":null}`},
		"/delete":  {"delete_session", `"cart"`},
		"/login":   {"set_profile", `{"username":"ada"}`},
		"/logout":  {"delete_profile"},
		"/profile": {"get_profile"},
		"/known":   {"exist_profile"},
		"/form":    {"open_session_form"},
		"/noform":  {"delete_session_form"},
	} {
		id := strings.Trim(path, "/")
		w.engine.calls(id+"();", call[0], call[1:]...)
		nodes = append(nodes, start("s-"+id, "ANY", path, "output_1>"+id), js(id, id+"();", ""))
	}
	w.publish("sessions", doc(append(nodes, start("s", "ANY", "/none", ""))...))
	return w
}

func TestSessions(t *testing.T) {
	b := &browser{world: sessionWorld(t)}
	for _, step := range []struct {
		path, want string
		cookie     bool
	}{
		{"/none", `200 {}`, false},
		{"/get", `200 `, false},
		{"/open", `200 {}`, false},
		{"/known", `200 false`, false},
		{"/profile", `200 {}`, false},
		{"/set", `200 undefined`, true},
		{"/get", `200 tea`, false},
		{"/set2", `200 undefined`, true},
		{"/open", `200 {"item":"tea","size":2}`, false},
		{"/save", `200 undefined`, true},
		{"/open", `200 {"item":"milk","size":2,"n":null}`, false},
		{"/login", `200 undefined`, true},
		{"/known", `200 true`, false},
		{"/profile", `200 {"username":"ada"}`, false},
		{"/open", `200 {"item":"milk","size":2,"n":null}`, false},
		{"/logout", `200 undefined`, true},
		{"/known", `200 false`, false},
		{"/delete", `200 undefined`, true},
		{"/open", `200 {}`, false},
		{"/form", `200 {}`, false},
		{"/noform", `200 undefined`, true},
	} {
		if got := b.ask(get(step.path)); got != step.want || b.changed != step.cookie {
			t.Errorf("%s: got %s, cookie %v; want %s, %v", step.path, got, b.changed, step.want, step.cookie)
		}
	}
}

func TestCookies(t *testing.T) {
	w := sessionWorld(t)
	b := &browser{world: w}
	in := get("/set")
	out, err := w.Serve(t.Context(), in)
	if err != nil || !out.Session.Changed || out.Session.ID == "" || out.Session.MaxAge != 3600 {
		t.Fatalf("got %+v, %v", out.Session, err)
	}
	b.id = out.Session.ID
	if _, err := w.store.Session(t.Context(), b.id, w.clock.Now()); err == nil {
		t.Error("the id in the cookie is the key in the store")
	}
	b.id = "an id that somebody else chose"
	b.expect(get("/set"), "200 undefined")
	if b.id == "an id that somebody else chose" {
		t.Error("a session was made under an id from outside")
	}
}

// A login renews the id, so that one known before is worth nothing.
func TestLoginRotatesTheSession(t *testing.T) {
	b := &browser{world: sessionWorld(t)}
	b.expect(get("/set"), "200 undefined")
	before := b.id
	b.expect(get("/login"), "200 undefined")
	after := b.id
	if after == before {
		t.Fatal("the id stayed")
	}
	old := &browser{world: b.world, id: before}
	old.expect(get("/known"), "200 false")
	old.expect(get("/get"), "200 ")
	b.expect(get("/get"), "200 tea")
	b.expect(get("/logout"), "200 undefined")
	if b.id == after {
		t.Error("the id stayed at the logout")
	}
	(&browser{world: b.world, id: after}).expect(get("/known"), "200 false")
}

func TestSessionsExpire(t *testing.T) {
	b := &browser{world: sessionWorld(t)}
	b.expect(get("/set"), "200 undefined")
	b.clock.pass(29 * time.Minute)
	b.expect(get("/get"), "200 tea")
	if b.changed {
		t.Error("a fresh session is not stored again")
	}
	b.clock.pass(20 * time.Minute)
	b.expect(get("/get"), "200 tea")
	if !b.changed {
		t.Error("a session that is used lives on")
	}
	b.clock.pass(59 * time.Minute)
	b.expect(get("/get"), "200 tea")
	b.clock.pass(61 * time.Minute)
	b.expect(get("/get"), "200 ")
	b.expect(get("/set"), "200 undefined")
	for range 24 {
		b.clock.pass(59 * time.Minute)
		b.expect(get("/get"), "200 tea")
	}
	b.clock.pass(30 * time.Minute)
	b.expect(get("/get"), "200 ") // 24 hours are over, however busy it was
}

// Two requests that change one session at the same time both count.
func TestSessionConflict(t *testing.T) {
	w := sessionWorld(t)
	b := &browser{world: w}
	b.expect(get("/set"), "200 undefined")
	inside, goOn := make(chan struct{}), make(chan struct{})
	w.engine.on("slow();", func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		_, err := call.Host.Call(ctx, "set_session", []payload.Value{payload.Text("cart"), payload.Text("slow"), payload.Text("yes")})
		inside <- struct{}{}
		<-goOn
		return node.ScriptResult{Payload: call.Payload}, err
	})
	w.publish("slow", doc(start("s", "ANY", "/slow", "output_1>a"), js("a", "slow();", "")))
	slow := &browser{world: w, id: b.id}
	answered := make(chan string, 1)
	go func() { answered <- slow.ask(get("/slow")) }()
	<-inside
	b.expect(get("/set2"), "200 undefined")
	close(goOn)
	if got := <-answered; got != "200 {}" {
		t.Fatalf("got %s", got)
	}
	b.expect(get("/open"), `200 {"item":"tea","size":2,"slow":"yes"}`)
}

// A request that was under way during a login must not take the new cookie away
// with a session of its own.
func TestSessionThatWasRenewedMeanwhile(t *testing.T) {
	w := sessionWorld(t)
	b := &browser{world: w}
	b.expect(get("/set"), "200 undefined")
	inside, goOn := make(chan struct{}), make(chan struct{})
	w.engine.on("slow();", func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		_, err := call.Host.Call(ctx, "set_session", []payload.Value{payload.Text("cart"), payload.Text("slow"), payload.Text("yes")})
		inside <- struct{}{}
		<-goOn
		return node.ScriptResult{Payload: call.Payload}, err
	})
	w.publish("slow", doc(start("s", "ANY", "/slow", "output_1>a"), js("a", "slow();", "")))
	slow := &browser{world: w, id: b.id}
	answered := make(chan string, 1)
	go func() { answered <- slow.ask(get("/slow")) }()
	<-inside
	b.expect(get("/login"), "200 undefined")
	close(goOn)
	if got := <-answered; got != string(fault.Conflict) || slow.changed {
		t.Errorf("got %s, cookie %v", got, slow.changed)
	}
	b.expect(get("/known"), "200 true")
}

func TestSessionThatIsAlwaysBusy(t *testing.T) {
	store := &stubbornSessions{}
	w := sessionWorld(t, func(d *app.Deps, _ *app.Config) { store.SessionStore = d.Sessions; d.Sessions = store })
	store.err = fault.New(fault.Conflict, "busy")
	_, err := w.Serve(t.Context(), get("/set"))
	if f := fault.As(err); f == nil || f.Code != fault.Unavailable || f.RetryAfter == 0 {
		t.Errorf("got %v", err)
	}
	store.err = fault.New(fault.Unavailable, "the database is away")
	out, err := w.Serve(t.Context(), get("/set"))
	if fault.CodeOf(err) != fault.Unavailable || out.Session.Changed {
		t.Errorf("got %v, %+v", err, out)
	}
	w.expect(get("/none"), "200 {}")
}

type stubbornSessions struct {
	ports.SessionStore
	err error
}

func (s *stubbornSessions) SaveSession(ctx context.Context, one ports.Session) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	return s.SessionStore.SaveSession(ctx, one)
}

func TestSessionsHaveASize(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.SessionBytes = 100 })
	w.engine.calls("grow();", "set_session", `"s"`, `"k"`, `"`+strings.Repeat("x", 90)+`"`)
	w.engine.calls("small();", "set_session", `"s"`, `"k"`, `"x"`)
	w.publish("x", doc(start("g", "GET", "/grow", "output_1>a"), js("a", "grow();", ""), start("s", "GET", "/small", "output_1>b"), js("b", "small();", "")))
	b := &browser{world: w}
	b.expect(get("/small"), "200 undefined")
	_, err := w.Serve(t.Context(), &ports.Inbound{Method: "GET", Path: "/grow", SessionID: b.id})
	if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "auth.session_max_bytes" {
		t.Errorf("got %+v", f)
	}
	b.expect(get("/small"), "200 undefined")
}
