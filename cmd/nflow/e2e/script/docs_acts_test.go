package script

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

const auth = "Authorization: Bearer "

// json is a workflow, the body of a call, or the answer to what came before.
func (p *page) json(text string) {
	p.t.Helper()
	var v map[string]json.RawMessage
	p.must(json.Unmarshal([]byte(text), &v))
	p.at += " (json)"
	switch {
	case strings.Contains(text, `"type":`) && v["status"] == nil:
		p.workflow(v, text)
	case v["checks"] != nil:
		p.need()
		p.run(nil, "curl "+p.server.url+"/health")
		p.same(p.last, text)
	case v["input"] != nil:
		p.need()
		p.publish("procesar")
		p.write("body.json", text)
		p.run(nil, `curl -H "`+auth+`$TOKEN" -H 'Content-Type: application/json' -d @body.json `+p.server.url+"/api/workflow/procesar")
	default:
		if _, body, found := strings.Cut(p.last, "\n\n"); found && strings.HasPrefix(p.last, "HTTP ") {
			p.last = body // of curl -i
		}
		p.same(p.last, text)
	}
}

// workflow validates a workflow, publishes it and makes the calls known for it.
func (p *page) workflow(v map[string]json.RawMessage, text string) {
	p.t.Helper()
	id := "procesar" // the one example without an id
	if v["id"] != nil {
		p.must(json.Unmarshal(v["id"], &id))
	}
	calls := examples[id]
	if len(calls) == 0 {
		p.t.Errorf("%s: nothing calls the workflow %s; add it to examples", p.at, id)
	}
	p.write(id+".json", strings.ReplaceAll(text, "https://weather.example.com", p.weather))
	p.need()
	p.run(nil, "nflow validate "+id+".json")
	p.publish(id)
	for _, c := range calls {
		args := append([]string{"-H", "Content-Type: application/json"}, c.args...)
		p.ask(c.want, append(args, p.server.url+c.path)...)
	}
	if id == "contact" {
		p.mails.want(p.t, "A message from Ana", "Hi there")
	}
}

func (p *page) publish(id string) {
	p.t.Helper()
	p.ask(`^HTTP 20[01]\n`, "-X", "PUT", "-H", auth+p.token, "-H", "Content-Type: application/json",
		"--data-binary", "@"+id+".json", p.server.url+"/api/admin/workflows/"+id)
}

var withDSN = regexp.MustCompile(`^NFLOW_DATABASE_DSN='postgres://[^']+' `)

// shell acts out commands: the program and curl are run, the others checked.
func (p *page) shell(b block) {
	p.t.Helper()
	var exported []string
	for _, line := range b.commands() {
		line = strings.ReplaceAll(line, "go run ./cmd/nflow", "nflow")
		line = strings.ReplaceAll(line, "bin/nflow", "nflow")
		line = p.inCheckout(line)
		var env []string
		if withDSN.MatchString(line) {
			line, env = withDSN.ReplaceAllString(line, ""), []string{"NFLOW_DATABASE_DSN=" + pgtest.DSN(p.t)}
		}
		words := strings.Fields(line)
		switch {
		case p.plugin(line), p.service(line):
		case strings.HasPrefix(line, "nflow serve") && ownAddress.MatchString(line):
			p.instance(ownAddress.FindStringSubmatch(line)[1])
		case strings.HasPrefix(line, "nflow serve"):
			p.serve(env, words[2:]...)
		case words[0] == "nflow":
			p.run(nil, line)
		case words[0] == "curl":
			p.curl(line)
		case strings.HasPrefix(line, "TOKEN=$(") && strings.HasSuffix(line, ")"):
			p.run(nil, line[len("TOKEN=$("):len(line)-1])
			p.token = strings.TrimSpace(p.last)
		case words[0] == "export":
			exported = append(exported, strings.TrimPrefix(line, "export "))
		case words[0] == "make":
			p.names("Makefile", "\n"+words[1]+":")
		case line == "go get github.com/arturoeanton/nflow-runtime":
			p.names("go.mod", "module "+words[2]+"\n")
		case line == "git clone https://github.com/arturoeanton/nflow-runtime.git", line == "cd nflow-runtime":
		default:
			p.t.Errorf("%s: nothing checks the command %q", p.at, line)
		}
	}
	if len(exported) > 0 {
		p.write("secret", "a-token-in-a-file")
		line := strings.Join(exported, " ") + " nflow validate any.json"
		p.run(nil, strings.ReplaceAll(line, "/run/secrets/token", "secret"))
	}
}

// names wants a text in a file of the checkout.
func (p *page) names(file, text string) {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(root(p.t), file))
	p.must(err)
	if !strings.Contains(string(content), text) {
		p.t.Errorf("%s: %s has no %q", p.at, file, text)
	}
}

// variables wants every variable to be a documented one.
func (p *page) variables(text string) {
	p.t.Helper()
	for _, name := range regexp.MustCompile(`NFLOW_[A-Z_]+`).FindAllString(text, -1) {
		p.names("docs/configuration.md", "`"+name+"`")
	}
}

var (
	metric  = regexp.MustCompile(`(?m)^nflow_\w+`)
	logLine = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (\[\w+\] .+)\n$`)
)

// plain wants the metrics of a text to be there, and its line of the log.
func (p *page) plain(text string) {
	p.t.Helper()
	if strings.HasPrefix(text, "HTTP/1.1 ") {
		p.answer(text)
		return
	}
	if m := logLine.FindStringSubmatch(text); m != nil {
		log, err := os.ReadFile(p.server.log)
		p.must(err)
		if !regexp.MustCompile(`(?m)^[-0-9]{10} [:0-9]{8} ` + regexp.QuoteMeta(m[1])).Match(log) {
			p.t.Errorf("%s: the log has no %q: %s", p.at, m[1], log)
		}
	}
	for _, name := range metric.FindAllString(text, -1) {
		p.need()
		if !p.measured(name) {
			p.t.Errorf("%s: there is no metric %s", p.at, name)
		}
	}
}

// measured reports whether a metric is there; how plugins are doing is measured
// every few seconds.
func (p *page) measured(name string) bool {
	p.t.Helper()
	for end := time.Now().Add(patience / 4); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		p.run(nil, "curl "+p.server.url+"/metrics")
		if all := "\n" + p.last; strings.Contains(all, "\n"+name+"{") || strings.Contains(all, "\n"+name+" ") {
			return true
		}
	}
	return false
}
