package script

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

// The servers that pages name, and how they begin the addresses of instances
// beside the first.
var (
	examplePostgres = regexp.MustCompile(`dsn = "postgres://nflow:secret@db\.example\.com/[^"]*"`)
	exampleRedis    = regexp.MustCompile(`host = "redis\.example\.com:6379"\npassword = "secret"`)
	ownAddress      = regexp.MustCompile(`--address (127\.0\.0\.1:\d+)`)
)

// backends are the private servers of a page.
type backends struct {
	dsn   string
	redis *redistest.Server
}

// withBackends puts private servers in the place of those that a configuration
// names.
func (p *page) withBackends(text string) string {
	p.t.Helper()
	text = examplePostgres.ReplaceAllStringFunc(text, func(string) string {
		if p.backends.dsn == "" {
			p.backends.dsn = pgtest.DSN(p.t)
		}
		return fmt.Sprintf("dsn = %q", p.backends.dsn)
	})
	return exampleRedis.ReplaceAllStringFunc(text, func(string) string {
		if p.backends.redis == nil {
			p.backends.redis = redistest.Start(p.t)
		}
		return fmt.Sprintf("host = %q\npassword = %q", p.backends.redis.Addr(), p.backends.redis.Password())
	})
}

// service acts out what an operator does with the servers that a page names. It
// reports whether the line was that.
func (p *page) service(line string) bool {
	p.t.Helper()
	switch line {
	case "sudo systemctl stop redis-server":
		p.backends.redis.Stop(p.t)
	case "sudo systemctl start redis-server":
		p.backends.redis.Restart(p.t)
	default:
		return false
	}
	return true
}

// instance starts one more server, with the configuration of the page, and
// remembers the address that the page gives it.
func (p *page) instance(address string) {
	p.t.Helper()
	dir := filepath.Join(p.dir, strings.ReplaceAll(address, ":", "-"))
	p.must(os.Mkdir(dir, 0o700))
	config, err := os.ReadFile(filepath.Join(p.dir, "config.toml"))
	p.must(err)
	p.must(os.WriteFile(filepath.Join(dir, "config.toml"), config, 0o600))
	s, err := startServer(dir, p.env, nil)
	p.must(err)
	p.t.Cleanup(s.kill)
	if p.server == nil {
		p.server = s
	}
	if s.token != "" {
		p.token = s.token
	}
	p.addresses = append(p.addresses, "http://"+address, s.url)
}

// curl asks the servers of the page. One beside the first may not know yet what was
// published.
func (p *page) curl(line string) {
	p.t.Helper()
	p.need()
	asks := strings.NewReplacer(append(p.addresses, "http://127.0.0.1:8080", p.server.url)...).Replace(line)
	if len(p.addresses) > 0 && !strings.Contains(asks, p.server.url) {
		for end := time.Now().Add(patience / 4); p.try(asks) != nil && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	p.run(nil, asks)
}

func (p *page) try(line string) error {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd.Run()
}

var changing = regexp.MustCompile(`(?mi)^(x-ratelimit-reset|retry-after): \d+$`)

// answer compares the status and headers that a page shows with those of the last
// command, as far as scripts may look at them.
func (p *page) answer(text string) {
	p.t.Helper()
	head, _, _ := strings.Cut(p.last, "\n\n")
	got := strings.Split(changing.ReplaceAllString(strings.ToLower(head), "$1: *"), "\n")
	for i, line := range strings.Split(strings.TrimSpace(changing.ReplaceAllString(strings.ToLower(text), "$1: *")), "\n") {
		if i == 0 {
			line = strings.Join(strings.Fields(strings.Replace(line, "http/1.1", "http", 1))[:2], " ")
		}
		found := false
		for _, one := range got {
			found = found || one == line
		}
		if !found {
			p.t.Errorf("%s: the page shows %q, the answer is\n%s", p.at, line, p.last)
		}
	}
}
