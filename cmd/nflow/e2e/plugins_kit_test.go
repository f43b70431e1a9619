//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestNewPluginsPassTheKit begins a plugin in every language, builds it and lets
// the kit judge it, with the commands an author uses: nothing needs to be
// changed in between.
func TestNewPluginsPassTheKit(t *testing.T) {
	nflow := buildNFlow(t)
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir() // one cache of modules for all
	run := func(t *testing.T, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), nflow, append([]string{"plugin"}, args...)...)
		cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+home)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("nflow plugin %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	for _, row := range []struct {
		language  string
		begin     []string   // further arguments of new
		artifacts []string   // what build makes
		test      [][]string // further arguments of test, once each
	}{
		{"go", []string{"--sdk", root}, []string{"mine", "mine.wasm"}, [][]string{{"--max-payload", "262144"}}},
		{"c", nil, []string{"mine.wasm"}, [][]string{{}, {"--isolation", "process"}}},
		{"assemblyscript", nil, []string{"mine.wasm"}, [][]string{{}}},
		{"python", nil, []string{"mine.pyz"}, [][]string{{"--no-tls"}}},
	} {
		t.Run(row.language, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "mine")
			run(t, append([]string{"new", row.language, "mine", "--dir", folder}, row.begin...)...)
			run(t, "build", folder)
			for _, artifact := range row.artifacts {
				for _, how := range row.test {
					out := run(t, append([]string{"test", filepath.Join(folder, artifact)}, how...)...)
					if n := passed(t, out); n < 25 {
						t.Errorf("%s %v: only %d cases:\n%s", artifact, how, n, out)
					}
				}
			}
		})
	}
}

var passedLine = regexp.MustCompile(`(\d+) (?:cases )?ok`)

// passed is how many cases of the kit went well.
func passed(t *testing.T, out string) int {
	t.Helper()
	m := passedLine.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("the kit does not say how many cases are ok:\n%s", out)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
