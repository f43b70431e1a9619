//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// buildHello builds the example hello from its one source, as a program and as a
// module, into a folder with its manifest.
func buildHello(t *testing.T) string {
	t.Helper()
	folder, source := t.TempDir(), "../../../examples/plugins/hello"
	for _, target := range [][]string{{"hello"}, {"hello.wasm", "-buildmode=c-shared"}} {
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"build", "-trimpath", "-o", filepath.Join(folder, target[0])}, append(target[1:], ".")...)...)
		cmd.Dir = source
		if len(target) > 1 {
			cmd.Env = append(cmd.Environ(), "GOOS=wasip1", "GOARCH=wasm")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build hello: %v\n%s", err, out)
		}
	}
	manifest, err := os.ReadFile(filepath.Join(source, "nflow-plugin.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "nflow-plugin.json"), manifest, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// buildNFlow builds the command as its users do.
func buildNFlow(t *testing.T, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nflow")
	if out, err := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", path}, flags...), "..")...).CombinedOutput(); err != nil {
		t.Fatalf("build nflow: %v\n%s", err, out)
	}
	return path
}

// servePlugins starts a server. With the race detector, compiling a module of
// Go takes longer than it may take, so one without fills the cache before; the
// cache of a test binary is another, so the server is a real one then.
func servePlugins(t *testing.T, folder, config string) *process {
	t.Helper()
	if !raceEnabled {
		return serve(t, folder, config)
	}
	for name, content := range map[string]string{"config.toml": config, "warm.json": scripted("warm", "return 1;")} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	warm := exec.CommandContext(t.Context(), buildNFlow(t), "validate", "warm.json")
	warm.Dir, warm.Env = folder, []string{"HOME=" + folder}
	if out, err := warm.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", warm, err, out)
	}
	racing := buildNFlow(t, "-race")
	return serveAs(t, func(cmd *exec.Cmd) { cmd.Path, cmd.Args[0] = racing, "nflow" }, folder, config)
}

// The three ways of running hello, each one line of its [[plugins]] away from
// the others.
const (
	helloModule  = `path = "hello.wasm"`
	helloProgram = `path = "hello"`
	helloHosted  = `path = "hello.wasm"` + "\n" + `isolation = "process"`
)

// helloConfig is a configuration with the plugin hello, run one of the ways.
func helloConfig(way string) string {
	return "[[plugins]]\nname = \"hello\"\ndev = true\nmax_queue = 1000\n" + way + "\n"
}

// greeting is a workflow with a plugin's node, whose script calls the plugin's
// function.
const greeting = `{
	"start": {"data": {"type": "httpstart", "method": "POST", "path": "/greet"}, "outputs": {"output": {"connections": [{"node": "node"}]}}},
	"node": {"data": {"type": "hello.greet", "greeting": "Hola"}, "outputs": {"output_1": {"connections": [{"node": "script"}]}}},
	"script": {"data": {"type": "js", "script": "return {node: payload.message, script: plugins.hello.greet('Bob')};"}}}`

// greet uses all three hooks of hello once and says what is wrong.
func greet(ctx context.Context, client *http.Client, base, name string) error {
	for path, want := range map[string]string{
		"/greet":                  fmt.Sprintf(`{"node":"Hola, %s","script":"Hello, Bob"}`, name),
		"/api/plugin/hello/greet": fmt.Sprintf(`{"message":"Hello, %s"}`, name),
	} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(fmt.Sprintf(`{"name":%q}`, name)))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+adminToken)
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		if body := readAll(answer); answer.StatusCode != http.StatusOK || body != want {
			return fmt.Errorf("%s: %d %s", path, answer.StatusCode, body)
		}
	}
	return nil
}

// TestPluginSwappedUnderLoad changes one line of the configuration again and
// again, from a module to a program to a module in a process, while 64 clients
// call all three hooks: nobody notices.
func TestPluginSwappedUnderLoad(t *testing.T) {
	folder := buildHello(t)
	p := servePlugins(t, folder, helloConfig(helloModule))
	p.admin(http.MethodPut, "/api/admin/workflows/greeting", greeting).want(http.StatusCreated, "")
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var calls atomic.Int64
	var all sync.WaitGroup
	for n := range 64 {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := greet(t.Context(), client, p.base, fmt.Sprintf("Ana %d", n)); err != nil {
					t.Error(err)
				}
				calls.Add(1)
			}
		})
	}
	swaps := 9
	for i := range swaps {
		way := []string{helloProgram, helloHosted, helloModule}[i%3]
		if err := os.WriteFile(filepath.Join(folder, "config.toml"), []byte(helloConfig(way)), 0o600); err != nil {
			t.Fatal(err)
		}
		p.signal(syscall.SIGHUP)
		until(t, "the plugin is swapped", func() bool { return strings.Count(p.stderr.String(), "plugin loaded") >= i+2 })
		before := calls.Load()
		until(t, "it is used", func() bool { return calls.Load() > before+64 })
	}
	stop()
	all.Wait()
	t.Logf("%d rounds of three calls, %d swaps", calls.Load(), swaps)
	client.CloseIdleConnections()
	p.stop()
	if left := withRunDir(t, folder); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}

// withRunDir lists the processes of plugins of a server, by the folder their
// programs and sockets are in.
func withRunDir(t *testing.T, folder string) []int {
	t.Helper()
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, name := range environs {
		text, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(text), "PLUGIN_UNIX_SOCKET_DIR="+folder) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(name, "/proc/%d/environ", &pid); err == nil && alive(pid) {
			found = append(found, pid)
		}
	}
	return found
}

// TestKilledServerLeavesNoPlugins kills the server with -9: its plugins end with
// it, the program and the module in a process.
func TestKilledServerLeavesNoPlugins(t *testing.T) {
	for name, way := range map[string]string{"program": helloProgram, "module": helloHosted} {
		t.Run(name, func(t *testing.T) {
			run, err := os.MkdirTemp("", "nf") // short, for the paths of sockets
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(run) })
			config := helloConfig(way) + fmt.Sprintf("[plugin_host]\nrun_dir = %q\n", run)
			p := servePlugins(t, buildHello(t), config)
			if len(withRunDir(t, run)) == 0 {
				t.Fatal("there is no plugin to begin with")
			}
			if err := p.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			took := until(t, "every plugin is gone", func() bool { return len(withRunDir(t, run)) == 0 })
			t.Logf("gone after %s", took)
			if took > time.Second {
				t.Errorf("they took %s", took)
			}
		})
	}
}

// TestKilledPluginComesBack kills a plugin's process again and again: each time
// it is started anew, and nothing of the old ones stays. (Its quarantine is
// tested with the loader, as the pauses before it add up to a minute.)
func TestKilledPluginComesBack(t *testing.T) {
	run, err := os.MkdirTemp("", "nf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(run) })
	p := servePlugins(t, buildHello(t), helloConfig(helloProgram)+fmt.Sprintf("[plugin_host]\nrun_dir = %q\n[monitor]\nenable_detailed_metrics = true\n", run))
	p.admin(http.MethodPut, "/api/admin/workflows/greeting", greeting).want(http.StatusCreated, "")
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	if err := greet(t.Context(), client, p.base, "Ana"); err != nil {
		t.Fatal(err)
	}
	files, goroutines := p.openFiles(), p.goroutines()
	const kills = 5
	for i := range kills {
		for _, pid := range withRunDir(t, run) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		until(t, "it is back", func() bool {
			s := p.plugin("hello")
			return s.Status == "ok" && s.Restarts > i
		})
		if err := greet(t.Context(), client, p.base, "Ana"); err != nil {
			t.Error(err)
		}
	}
	p.admin(http.MethodPost, "/api/admin/plugins/hello/reload", "").want(http.StatusOK, `"status":"ok"`)
	if err := greet(t.Context(), client, p.base, "Ana"); err != nil {
		t.Error(err)
	}
	p.wantRest(files+4, goroutines+4)
	p.stop()
}

// pluginInfo is what the API says of a plugin.
type pluginInfo struct {
	Name, Status, Problem string
	Restarts              int
}

func (p *process) plugin(name string) pluginInfo {
	p.t.Helper()
	var list struct{ Plugins []pluginInfo }
	answer := p.admin(http.MethodGet, "/debug/plugins", "").want(http.StatusOK, "plugins")
	if err := json.Unmarshal([]byte(answer.body), &list); err != nil {
		p.t.Fatal(err)
	}
	for _, one := range list.Plugins {
		if one.Name == name {
			return one
		}
	}
	p.t.Fatalf("no plugin %s in %s", name, answer.body)
	return pluginInfo{}
}
