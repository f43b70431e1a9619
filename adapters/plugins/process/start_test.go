//go:build linux

package process_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func script(body string) ports.PluginSpec {
	s := spec([]byte("#!/bin/sh\n" + body + "\n"))
	s.Env["PATH"] = "/usr/bin:/bin"
	return s
}

// needsPython skips a test where there is none, except for CI, which has it.
func needsPython(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func TestHostileStarts(t *testing.T) {
	tests := []struct {
		name string
		spec func() ports.PluginSpec
		code fault.Code
		says []string
	}{
		{"prints", func() ports.PluginSpec { return script("echo Hello, I am a plugin; sleep 100") }, fault.Invalid, []string{"plugin actor", `"Hello, I am a plugin"`, "standard output"}},
		{"prints without end", func() ports.PluginSpec { return script("cat /dev/zero") }, fault.Invalid, []string{"standard output"}},
		{"prints bars", func() ports.PluginSpec { return script("echo '|||||||'; sleep 100") }, fault.Invalid, []string{"standard output"}},
		{"exits", func() ports.PluginSpec { return script("echo no license >&2; exit 7") }, fault.Unavailable, []string{"exit status 7", "no license", "before it was ready"}},
		{"exits without a word", func() ports.PluginSpec { return script("exit 0") }, fault.Unavailable, []string{"exit status 0"}},
		{"exits, its child holds the pipes", func() ports.PluginSpec { return script("setsid sleep 100 & exit 9") }, fault.Unavailable, []string{"exit status 9"}},
		{"hangs", func() ports.PluginSpec { return script("echo starting >&2; sleep 100") }, fault.Unavailable, []string{"not ready within 1s", "starting"}},
		{"older protocol", func() ports.PluginSpec { return script("echo '1|0|unix|/x|grpc|'; sleep 100") }, fault.Invalid, []string{"version 0", "this nflow version 1"}},
		{"older core", func() ports.PluginSpec { return script("echo '0|1|unix|/x|grpc|'; sleep 100") }, fault.Invalid, []string{"go-plugin"}},
		{"net/rpc", func() ports.PluginSpec { return script("echo '1|1|unix|/x|netrpc|'; sleep 100") }, fault.Invalid, []string{`"netrpc"`}},
		{"no TLS", func() ports.PluginSpec {
			return script(`echo "1|1|unix|$PLUGIN_UNIX_SOCKET_DIR/x|grpc|"; sleep 100`)
		}, fault.Invalid, []string{"plugins.no_tls = true"}},
		{"TLS unasked", func() ports.PluginSpec {
			s := script(`echo "1|1|unix|$PLUGIN_UNIX_SOCKET_DIR/x|grpc|cert"; sleep 100`)
			s.NoTLS = true
			return s
		}, fault.Invalid, []string{"plugins.no_tls = true"}},
		{"socket of another", func() ports.PluginSpec { return script("echo '1|1|unix|/run/docker.sock|grpc|cert'; sleep 100") }, fault.Invalid, []string{"PLUGIN_UNIX_SOCKET_DIR"}},
		{"elsewhere", func() ports.PluginSpec { return script("echo '1|1|tcp|10.0.0.1:80|grpc|cert'; sleep 100") }, fault.Invalid, []string{"10.0.0.1:80"}},
		{"open port", func() ports.PluginSpec {
			s := script("echo '1|1|tcp|127.0.0.1:80|grpc|'; sleep 100")
			s.NoTLS = true
			return s
		}, fault.Invalid, []string{"without encryption"}},
		{"nobody listens", func() ports.PluginSpec {
			s := script(`echo "1|1|unix|$PLUGIN_UNIX_SOCKET_DIR/x|grpc|"; sleep 100`)
			s.NoTLS = true
			return s
		}, fault.Unavailable, []string{"cannot be reached"}},
		{"nobody answers", func() ports.PluginSpec {
			s := script(`exec python3 -c "
import os, socket, time
path = os.environ['PLUGIN_UNIX_SOCKET_DIR'] + '/x'
s = socket.socket(socket.AF_UNIX)
s.bind(path)
s.listen()
print('1|1|unix|' + path + '|grpc|', flush=True)
time.sleep(100)"`)
			s.NoTLS = true
			return s
		}, fault.Unavailable, []string{"not ready within 1s"}},
		{"complains without end", func() ports.PluginSpec { return script("while echo no; do :; done >&2") }, fault.Unavailable, []string{"not ready within 1s", "no"}},
		{"no program", func() ports.PluginSpec { return spec([]byte("\x7fELF and no more")) }, fault.Invalid, []string{"platform"}},
		{"no interpreter", func() ports.PluginSpec { return spec([]byte("#!/no/such/thing\n")) }, fault.Invalid, []string{"interpreter"}},
		{"other bytes", func() ports.PluginSpec {
			s := script("exit 0")
			s.SHA256 = strings.Repeat("0", 64)
			return s
		}, fault.Invalid, []string{"SHA-256"}},
	}
	needsPython(t)
	cfg, log := quick(t)
	cfg.StartTime = time.Second
	t.Cleanup(func() {
		if n := len(log.String()); n > 100_000 {
			t.Errorf("%d bytes of log", n)
		}
	})
	l := newLoader(t, cfg)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := l.Open(context.Background(), tt.spec())
			wantFault(t, err, tt.code, tt.says...)
			if dirs, _ := filepath.Glob(cfg.RunDir + "/i*/[0-9]*"); len(dirs) > 0 {
				t.Errorf("left behind: %v", dirs)
			}
			if pids := knowing(cfg.RunDir); len(pids) > 0 {
				t.Errorf("alive: %v", pids)
			}
		})
	}
}

func TestStartCancelled(t *testing.T) {
	cfg, _ := quick(t)
	l := newLoader(t, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	_, err := l.Open(ctx, script("sleep 100"))
	wantFault(t, err, fault.Cancelled, "plugin actor")
	_, err = l.Open(ctx, script("sleep 100"))
	wantFault(t, err, fault.Cancelled, "plugin actor")
}

func TestPrinted(t *testing.T) {
	cfg, log := quick(t)
	p := open(t, newLoader(t, cfg), actorSpec(t))
	mustCall(t, p, "print 3", "")
	eventually(t, "the lines are logged", 5*time.Second, func() bool {
		return strings.Contains(log.String(), "printed 2") && strings.Contains(log.String(), "complained 2")
	})
	if !strings.Contains(log.String(), "plugin=actor") {
		t.Error(log.String())
	}
	mustCall(t, p, "print 20000", "")
	if n := len(log.String()); n > 200_000 {
		t.Errorf("%d bytes of log", n)
	}
	eventually(t, "dropped lines are counted", 5*time.Second, func() bool {
		mustCall(t, p, "print 1", "")
		return strings.Contains(log.String(), "dropped=")
	})
}

func TestRunDir(t *testing.T) {
	public := shortDir(t)
	if err := os.Chmod(public, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(shortDir(t), "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, dir, says string
	}{
		{"relative", "x", "absolute"},
		{"empty", "", "absolute"},
		{"open to others", public, "mode 0755"},
		{"a file", file, "plugin_host.run_dir"},
		{"too long", filepath.Join(shortDir(t), strings.Repeat("d", 90)), "too long"},
		{"forbidden", "/proc/nflow", "plugin_host.run_dir"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := process.New(process.Config{RunDir: tt.dir})
			if err == nil {
				l.Close(context.Background())
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %q, want %q in it", err, tt.says)
			}
		})
	}
	if err := (process.Config{RunDir: "/x", Grace: -1, MaxFaults: -1, Host: &process.Host{}}).Validate(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got %v", err)
	}
}
