//go:build linux

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports/plugintest"
)

// hostileCalls are functions of the probe that do harm, and whether the caller
// must get an error.
func hostileCalls() []hostileCall {
	return []hostileCall{
		{"plugins.probe.spin()", true},
		{"plugins.probe.deaf(60000)", true},
		{"plugins.probe.grow()", true},
		{"plugins.probe.panic('boom')", true},
		{"plugins.probe.crash('boom')", true},
		{"plugins.probe.exit(3)", true},
		{"plugins.probe.big(64*1024*1024)", true},
		{"plugins.probe.bad('not json')", true},
		{"plugins.probe.print('noise '.repeat(1000), 1000)", false},
		{"plugins.probe.hosts('os.exec', 100000)", false},
	}
}

type hostileCall struct {
	code  string
	fails bool
}

func readAll(answer *http.Response) string {
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// TestHostilePlugins runs a plugin that does all the harm it can, in every way
// plugins run, beside a healthy one: each call is answered in time, the server
// stays small, and the healthy plugin goes on.
func TestHostilePlugins(t *testing.T) {
	deadline, grace := 2*time.Second, 500*time.Millisecond
	if raceEnabled {
		grace = 5 * time.Second // everything is many times slower
	}
	module, program := plugintest.BuildWASM(t), plugintest.BuildNative(t)
	for _, way := range []struct{ name, settings string }{
		{"module", `path = "probe.wasm"`},
		{"hosted", `path = "probe.wasm"` + "\n" + `isolation = "process"`},
		{"program", `path = "probe"`},
	} {
		t.Run(way.name, func(t *testing.T) {
			folder := buildHello(t)
			for name, content := range map[string][]byte{"probe.wasm": module, "probe": program, "probe.nflow-plugin.json": plugintest.Manifest(t)} {
				if err := os.WriteFile(filepath.Join(folder, name), content, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			config := helloConfig(helloModule) + fmt.Sprintf(
				"[[plugins]]\nname = \"probe\"\ndev = true\ncall_timeout = %q\nmemory_mb = 64\n%s\n[plugins.grants]\nkv = [\"probe\"]\n", deadline, way.settings)
			p := servePlugins(t, folder, config)
			if s := p.plugin("probe"); s.Status != "ok" {
				t.Fatalf("probe: %+v", s)
			}
			p.admin(http.MethodPut, "/api/admin/workflows/greeting", greeting).want(http.StatusCreated, "")
			for i, c := range hostileCalls() {
				p.publish(fmt.Sprintf("h%d", i), "return "+c.code+";")
			}
			client := &http.Client{Timeout: patience}
			quiet := p.pulse(t, client, 300*time.Millisecond)
			before := p.resident()
			done := make(chan struct{})
			var beat pulse
			var all sync.WaitGroup
			all.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
						beat = append(beat, p.pulse(t, client, 50*time.Millisecond)...)
					}
				}
			})
			for range 2 {
				for i, c := range hostileCalls() {
					begun := time.Now()
					answer, err := client.Get(fmt.Sprintf("%s/h%d", p.base, i))
					if err != nil {
						t.Errorf("%s: %v", c.code, err)
						continue
					}
					body := readAll(answer)
					if took := time.Since(begun); took > deadline+grace {
						t.Errorf("%s took %s", c.code, took)
					}
					if c.fails && (answer.StatusCode < 400 || !strings.Contains(body, "plugin probe")) {
						t.Errorf("%s: %d %s", c.code, answer.StatusCode, body)
					}
				}
			}
			close(done)
			all.Wait()
			if grown := p.resident() - before; grown > 100<<20 && !raceEnabled {
				t.Errorf("the server grew by %d MiB", grown>>20)
			} else {
				t.Logf("the server grew by %d MiB", grown>>20)
			}
			t.Logf("healthy plugin: p99 %s quiet, %s beside the hostile one", quiet.percentile(99), beat.percentile(99))
			if s := p.plugin("hello"); s.Status != "ok" || s.Restarts != 0 {
				t.Errorf("hello: %+v", s)
			}
			p.stop()
		})
	}
}

// pulse calls the healthy plugin for a while.
func (p *process) pulse(t *testing.T, client *http.Client, lasting time.Duration) (beat pulse) {
	for begun := time.Now(); time.Since(begun) < lasting; {
		start := time.Now()
		if err := greet(t.Context(), client, p.base, "Ana"); err != nil {
			t.Error(err)
		}
		beat.add(time.Since(start))
	}
	return beat
}
