package script

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// inCheckout makes a command of a page fit the directory it runs in, which is no
// checkout.
func (p *page) inCheckout(line string) string {
	line = strings.ReplaceAll(line, " examples/plugins/", " "+root(p.t)+"/examples/plugins/")
	return strings.ReplaceAll(line, "~/src/nflow-runtime", root(p.t))
}

// tools are programs that building a plugin needs, by what the command names.
var tools = map[string]string{"hello-c": "clang", "hello-ts": "npm", "hello-py": "python3"}

// plugin acts out the commands of those who write and run plugins. It reports
// whether the line was one.
func (p *page) plugin(line string) bool {
	p.t.Helper()
	for project, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil && strings.Contains(line, project) && os.Getenv("CI") != "true" {
			p.t.Logf("%s: %s is missing, so nothing checks %q", p.at, tool, line)
			return true
		}
	}
	switch {
	case strings.HasPrefix(line, "nflow plugin test "):
		p.run(nil, line+" --max-payload 65536") // whether the largest one fits is tested elsewhere
	case strings.HasPrefix(line, "nflow plugin keygen "):
		p.run(nil, line)
		p.key, _, _ = strings.Cut(strings.SplitN(p.last, `"`, 2)[1], `"`)
	case line == "kill -HUP $(pgrep -o nflow)":
		p.need()
		p.must(p.server.cmd.Process.Signal(syscall.SIGHUP))
	case strings.HasPrefix(line, "cd hello && go test"), strings.HasPrefix(line, "cd hello && go run . manifest"),
		strings.HasPrefix(line, "cd hello && go build"), strings.HasPrefix(line, "cd hello && GOOS=wasip1 "),
		strings.HasPrefix(line, "cd hello-py && python3 -m unittest"):
		p.run(nil, line)
	default:
		return false
	}
	return true
}

var (
	anyDigest = regexp.MustCompile(`any = "[0-9a-f]{64}"`)
	anyKey    = regexp.MustCompile(`acme = "[^"]+"`)
	configFor = regexp.MustCompile(`^# (config\.toml)\n`)
	sourceFor = regexp.MustCompile(`^(?://|#|/\*) (hello[\w-]*/[\w./-]+)(?: \*/)?\n`)
)

// toml is a configuration. One that says that it is config.toml is the server's
// from its next start. Digests and keys on pages are examples.
func (p *page) toml(text string) {
	p.t.Helper()
	if _, err := os.Stat(filepath.Join(p.dir, "plugins", "hello.wasm")); err == nil && anyDigest.MatchString(text) {
		p.run(nil, "nflow plugin pin plugins/hello.wasm")
		text = anyDigest.ReplaceAllString(text, anyDigest.FindString(p.last))
	}
	if p.key != "" {
		text = anyKey.ReplaceAllLiteralString(text, `acme = "`+p.key+`"`)
	}
	if name := configFor.FindStringSubmatch(text); name != nil {
		p.write(name[1], p.withBackends(text))
	}
	p.write("page.toml", text)
	p.run([]string{"NFLOW_DATABASE_DRIVER=memory"}, "nflow validate --config page.toml any.json")
}

// source is a file of a plugin, whose first line says which.
func (p *page) source(b block) {
	p.t.Helper()
	name := sourceFor.FindStringSubmatch(b.text)
	if name == nil {
		p.t.Errorf("%s: the first line does not say which file this is", p.at)
		return
	}
	if _, err := os.Stat(filepath.Join(p.dir, filepath.Dir(name[1]))); err != nil {
		p.t.Logf("%s: there is no folder for %s, as a tool is missing", p.at, name[1])
		return
	}
	p.write(name[1], b.text)
}

// hidePlugins hides what differs each time in a list of plugins.
func hidePlugins(list any) {
	plugins, _ := list.([]any)
	for _, one := range plugins {
		if plugin, is := one.(map[string]any); is {
			for _, name := range []string{"sha256", "memory_bytes", "loaded"} {
				if _, found := plugin[name]; found {
					plugin[name] = "*"
				}
			}
		}
	}
}
