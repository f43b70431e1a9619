package plugintest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports/plugintest"
)

// TestManifests judges the manifests that the SDK judges with
// manifest.schema.json, so that both say the same.
func TestManifests(t *testing.T) {
	const folder = "../../plugins-sdk/testdata/manifests"
	for kind, least := range map[string]int{"good": 3, "bad": 30} {
		files, err := filepath.Glob(filepath.Join(folder, kind, "*.json"))
		if err != nil || len(files) < least {
			t.Fatalf("%d manifests in %s, want %d; %v", len(files), kind, least, err)
		}
		for _, file := range files {
			t.Run(kind+"/"+filepath.Base(file), func(t *testing.T) {
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := plugin.ParseManifest(b); (err == nil) != (kind == "good") {
					t.Errorf("fault: %v", err)
				}
			})
		}
	}
}

// TestTheExampleAndTheProbeHaveManifests reads what the SDK wrote.
func TestTheExampleAndTheProbeHaveManifests(t *testing.T) {
	hello, err := os.ReadFile("../../examples/plugins/hello/nflow-plugin.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"hello": hello, "probe": plugintest.Manifest(t)} {
		m, err := plugin.ParseManifest(b)
		if err != nil || m.Name != name {
			t.Errorf("%s: name %q, %v", name, m.Name, err)
		}
	}
}
