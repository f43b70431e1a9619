//go:build linux

package e2e

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

// settings are the lines of a configuration by section, so that tests can add to
// a section that is there already.
type settings map[string]string

// with returns settings with more lines of a section.
func (s settings) with(section string, lines ...string) settings {
	more := maps.Clone(s)
	more[section] += strings.Join(lines, "\n") + "\n"
	return more
}

func (s settings) text() string {
	var b strings.Builder
	for _, section := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "[%s]\n%s", section, s[section])
	}
	return b.String()
}

// onDatabase are settings of a server that runs scripts inside, as these tests are
// about what servers share.
func onDatabase(dsn string) settings {
	return settings{}.with("vm_pool", `isolation = "in_process"`).with("database_nflow", fmt.Sprintf("dsn = %q", dsn))
}

func (s settings) withRedis(r *redistest.Server) settings {
	return s.with("redis", fmt.Sprintf("host = %q", r.Addr()), fmt.Sprintf("password = %q", r.Password()))
}

// where names a way of sharing state.
type where struct {
	name     string
	settings func(*testing.T) settings
}

// The ways of sharing state.
var (
	onSQLite = where{"sqlite", func(t *testing.T) settings {
		return onDatabase(filepath.Join(t.TempDir(), "shared.sqlite"))
	}}
	onPostgres = where{"postgres", func(t *testing.T) settings {
		return onDatabase(pgtest.DSN(t))
	}}
	onPostgresAndRedis = where{"postgres and redis", func(t *testing.T) settings {
		return onDatabase(pgtest.DSN(t)).withRedis(redistest.Start(t))
	}}
)

// dsn is the database that settings name.
func (s settings) dsn(t *testing.T) (driver, dsn string) {
	t.Helper()
	for line := range strings.Lines(s["database_nflow"]) {
		if _, err := fmt.Sscanf(line, "dsn = %q", &dsn); err == nil {
			if strings.HasPrefix(dsn, "postgres") {
				return "postgres", dsn
			}
			return "sqlite3", dsn
		}
	}
	t.Fatal("the settings name no database")
	return "", ""
}

// servePair starts two servers of the same settings.
func servePair(t *testing.T, s settings) [2]*process {
	t.Helper()
	return [2]*process{serve(t, t.TempDir(), s.text()), serve(t, t.TempDir(), s.text())}
}

// end stops servers and expects that nothing of them is left.
func end(t *testing.T, servers ...*process) {
	t.Helper()
	var all []int
	for _, p := range servers {
		all = append(append(all, p.workers()...), p.cmd.Process.Pid)
	}
	for _, p := range servers {
		select {
		case <-p.ended: // a test killed it
		default:
			p.stop()
		}
	}
	wantGone(t, all)
}

// kill ends a server as a power cut would.
func (p *process) kill() {
	p.t.Helper()
	all := append(p.workers(), p.cmd.Process.Pid)
	p.signal(syscall.SIGKILL)
	<-p.ended
	wantGone(p.t, all)
}

func wantGone(t *testing.T, pids []int) {
	t.Helper()
	until(t, "every process is gone", func() bool { return !slices.ContainsFunc(pids, alive) })
}

// ms is a duration as the log of a test shows it.
func ms(d time.Duration) string { return fmt.Sprintf("%.1fms", float64(d.Microseconds())/1000) }
