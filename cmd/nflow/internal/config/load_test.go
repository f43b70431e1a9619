package config

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// files is a file system in memory.
type files map[string]string

func (f files) read(name string) ([]byte, error) {
	content, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(content), nil
}

func load(toml string, environ ...string) (Config, error) {
	return Load(Source{ReadFile: files{DefaultPath: toml}.read, Environ: environ})
}

// lines are the faults of err, one text each.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

func TestNoFileGivesUsableDefaults(t *testing.T) {
	c, err := Load(Source{ReadFile: files{}.read})
	if err != nil {
		t.Fatal(err)
	}
	if c.Server.Address != "127.0.0.1:8080" || c.Store.Driver != "sqlite3" || c.Store.DSN != "app.sqlite" {
		t.Errorf("unexpected defaults: %+v", c)
	}
	got := policy.Limits{
		Steps: c.Limits.MaxSteps, ScriptTime: c.VMPool.MaxExecution, RunTime: c.Limits.MaxRun, CallDepth: c.Limits.MaxCallDepth,
		PayloadBytes: c.Limits.MaxPayloadBytes, ResponseBytes: c.Limits.MaxResponseBytes, Rows: c.Limits.MaxRows, LogLines: c.Limits.MaxLogLines,
		LogBytes: c.Limits.MaxLogBytes, HostCalls: c.Limits.MaxHostCalls, Operations: c.VMPool.MaxOperations, MemoryBytes: int64(c.VMPool.MaxMemoryMB) << 20,
	}
	if diff := cmp.Diff(policy.DefaultLimits(), got); diff != "" {
		t.Errorf("limits differ from policy.DefaultLimits (-want +got):\n%s", diff)
	}
	if c.VMPool.EnableFilesystem || c.VMPool.EnableNetwork || c.VMPool.EnableProcess {
		t.Errorf("scripts may touch something by default: %+v", c.VMPool)
	}
	if faults := Unsupported(c); len(faults) > 0 {
		t.Errorf("the defaults ask for what is not there: %v", faults)
	}
}

func TestMissingExplicitFile(t *testing.T) {
	_, err := Load(Source{Path: "/etc/nflow.toml", Explicit: true, ReadFile: files{}.read})
	want := []string{"/etc/nflow.toml: there is no such file; check the path given with --config"}
	if diff := cmp.Diff(want, lines(err)); diff != "" {
		t.Error(diff)
	}
}

func TestUnreadableFile(t *testing.T) {
	read := func(name string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	_, err := Load(Source{ReadFile: read})
	if diff := cmp.Diff([]string{"config.toml: the file cannot be read: permission denied"}, lines(err)); diff != "" {
		t.Error(diff)
	}
}

func TestRealFileIsReadByDefault(t *testing.T) {
	path := t.TempDir() + "/c.toml"
	if err := os.WriteFile(path, []byte("[log]\nlevel = 'debug'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Source{Path: path, Explicit: true})
	if err != nil || c.Log.Level != "debug" {
		t.Errorf("level %q, error %v", c.Log.Level, err)
	}
}

func TestEveryKeyOfTheManualIsKnown(t *testing.T) {
	manual, err := os.ReadFile("testdata/manual.toml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(string(manual))
	// The manual prints a placeholder that is not a key.
	want := []string{"config.toml line 81:1: security.encryption_key must be 32 bytes, as base64 (44 characters), as 64 hexadecimal digits or as they are"}
	if diff := cmp.Diff(want, lines(err)); diff != "" {
		t.Error(diff)
	}
	if c.RateLimit.IPBurstSize != 50 || c.Security.CustomPatterns["employee_id"] != `EMP\d{6}` ||
		c.VMPool.IdleTimeout != 10*time.Minute || c.Tracker.FlushInterval != 500*time.Millisecond ||
		c.Store.ConnMaxLifetime != 300*time.Second {
		t.Errorf("values of the manual are not taken over: %+v", c)
	}
	nets := []string{"10.0.0.0/8", "172.16.0.0/12"}
	if diff := cmp.Diff([][]string{nets, nets, {"/health", "/metrics", "/debug"}},
		[][]string{c.Debug.AllowedIPs, c.RateLimit.ExcludedIPs, c.RateLimit.ExcludedPaths}); diff != "" {
		t.Error(diff)
	}
	if c.Monitor.MetricsPort != "9090" || c.RateLimit.Backend != "redis" || c.RateLimit.IPWindow != time.Minute || c.Redis.Password != "contraseña-redis" {
		t.Errorf("values of the manual are not taken over: %v", c.Redacted())
	}
}

func TestPrecedence(t *testing.T) {
	c, err := Load(Source{
		ReadFile:  files{DefaultPath: "[server]\naddress='127.0.0.1:1'\n[log]\nlevel='warn'\nformat='json'"}.read,
		Environ:   []string{"NFLOW_SERVER_ADDRESS=127.0.0.1:2", "NFLOW_LOG_LEVEL=error", "PATH=/bin"},
		Overrides: []Override{{Key: "server.address", Value: "127.0.0.1:3", Flag: "--address"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Server.Address, c.Log.Level, c.Log.Format}
	if diff := cmp.Diff([]string{"127.0.0.1:3", "error", "json"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOverrideFaultsNameTheFlag(t *testing.T) {
	_, err := Load(Source{ReadFile: files{}.read, Overrides: []Override{
		{Key: "server.address", Value: "nowhere", Flag: "--address"},
		{Key: "server.adddress", Value: "x", Flag: "--adddress"},
	}})
	want := []string{
		`--adddress: server.adddress is not a key; did you mean "server.address"?`,
		`--address: server.address must be an address and a port, such as "127.0.0.1:8080", not "nowhere"`,
	}
	if diff := cmp.Diff(want, lines(err)); diff != "" {
		t.Error(diff)
	}
}

func TestFaultsAreFaults(t *testing.T) {
	_, err := load("[vm_pool]\nmax_size = -1\n")
	var list fault.List
	if !errors.As(err, &list) || len(list) != 1 {
		t.Fatalf("want one fault, got %v", err)
	}
	f := list[0]
	if f.Code != fault.Invalid || f.Field != "config.toml" || f.Line != 2 || f.Column != 1 {
		t.Errorf("fault has the wrong place: %+v", f)
	}
}
