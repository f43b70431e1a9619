package script

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// page is a page of the documentation while it is acted out in a directory.
type page struct {
	t       *testing.T
	blocks  []block
	at      string // where it stands
	dir     string
	env     []string
	weather string // URL
	mails   *mailbox
	server  *server
	token   string
	key     string // the public one of plugin keygen
	last    string // what the last command printed

	backends  backends
	addresses []string // of instances: as the page says, and as they are
}

func newPage(t *testing.T, blocks []block) *page {
	t.Helper()
	p := &page{t: t, blocks: blocks, dir: t.TempDir(), weather: startWeather(t), mails: startMailbox(t)}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NFLOW_") {
			p.env = append(p.env, v)
		}
	}
	p.env = append(p.env, quickExit, "NFLOW_EGRESS_ALLOW_PRIVATE=true", "NFLOW_MAIL_ENABLED=true", "NFLOW_MAIL_SMTP_HOST=127.0.0.1",
		"NFLOW_MAIL_SMTP_PORT="+p.mails.port, "NFLOW_MAIL_FROM=nflow@example.com", "NFLOW_MAIL_TLS=none",
		"NFLOW_DATABASES_SHOP_DRIVER=sqlite3", "NFLOW_DATABASES_SHOP_DSN=shop.sqlite",
		"NFLOW_VM_POOL_ENABLE_PROCESS=true", "NFLOW_VM_POOL_ALLOWED_EXECUTABLES=/usr/bin/sort")
	p.write("any.json", `{"s": {"data": {"type": "httpstart", "path": "/any"}}}`)
	p.must(os.Mkdir(filepath.Join(p.dir, "datos"), 0o700))
	t.Cleanup(func() {
		if p.server != nil {
			p.server.kill()
		}
	})
	return p
}

func (p *page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", p.at, err)
	}
}

func (p *page) write(name, text string) {
	p.t.Helper()
	p.must(os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600))
}

// check acts out one block.
func (p *page) check(b block) {
	p.t.Helper()
	switch b.lang {
	case "json":
		p.json(b.text)
	case "sh":
		p.shell(b)
	case "toml":
		p.toml(b.text)
	case "go", "c", "python", "ts":
		p.source(b)
	case "yaml", "dockerfile":
		p.variables(b.text)
	case "":
		p.plain(b.text)
	case "mermaid", "nginx":
	default:
		p.t.Errorf("%s: nothing checks blocks of %q", p.at, b.lang)
	}
}

// run runs a line in a shell and keeps what it prints; it must succeed.
func (p *page) run(env []string, line string) {
	p.t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = p.dir, append(append([]string{"TOKEN=" + p.token}, p.env...), env...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	p.last = string(out)
	if err != nil {
		p.t.Fatalf("%s: %s: %v: %s%s", p.at, line, err, errors.String(), out)
	}
}

// ask is run for a call that must have a certain answer.
func (p *page) ask(want string, args ...string) {
	p.t.Helper()
	c, err := parseCall(p.dir, append(args, "-i"))
	p.must(err)
	var b strings.Builder
	p.must(c.do(newClient(), &b))
	if !regexp.MustCompile(want).MatchString(b.String()) {
		p.t.Errorf("%s: %v: the answer is not like %s: %s", p.at, args, want, b.String())
	}
}

// need starts a server unless the page has one.
func (p *page) need() {
	p.t.Helper()
	if p.server == nil {
		p.serve(nil)
	}
}

func (p *page) serve(env []string, args ...string) {
	p.t.Helper()
	if p.server != nil {
		p.must(p.server.stop())
	}
	var err error
	p.server, err = startServer(p.dir, append(p.env[:len(p.env):len(p.env)], env...), args)
	p.must(err)
	if p.server.token != "" {
		p.token = p.server.token
	}
}

// same compares two JSON texts, but for what differs each time.
func (p *page) same(got, want string) {
	p.t.Helper()
	if a, b := p.plainJSON(got), p.plainJSON(want); a != b {
		p.t.Errorf("%s: the page shows\n%s\nthe answer is\n%s", p.at, b, a)
	}
}

func (p *page) plainJSON(text string) string {
	p.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		p.t.Fatalf("%s: %v in %q", p.at, err, text)
	}
	if object, is := v.(map[string]any); is {
		for _, name := range []string{"run_id", "execution_time", "timestamp", "uptime", "version", "instance"} {
			if _, found := object[name]; found {
				object[name] = "*"
			}
		}
		hidePlugins(object["plugins"])
		if checks, is := object["checks"].(map[string]any); is && checks["isolation"] != nil {
			checks["isolation"] = "*" // as far as this machine and build can confine
		}
	}
	b, err := json.MarshalIndent(v, "", "  ")
	p.must(err)
	return string(b)
}
