package plugin_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// manifestSchema is manifest.schema.json, ready to judge.
func manifestSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	b, err := os.ReadFile("manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func tree(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestManifestSchema judges manifests that nFlow judges too; ports/plugintest
// does that.
func TestManifestSchema(t *testing.T) {
	schema := manifestSchema(t)
	for kind, least := range map[string]int{"good": 3, "bad": 30} {
		files, err := filepath.Glob(filepath.Join("testdata/manifests", kind, "*.json"))
		if err != nil || len(files) < least {
			t.Fatalf("%d manifests in %s, want %d; %v", len(files), kind, least, err)
		}
		for _, file := range files {
			t.Run(kind+"/"+filepath.Base(file), func(t *testing.T) {
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(tree(t, b)); (err == nil) != (kind == "good") {
					t.Errorf("schema: %v", err)
				}
			})
		}
	}
}

func TestManifestsOfThisSDKFitTheSchema(t *testing.T) {
	for name, p := range map[string]*plugin.Plugin{
		"smallest": {Name: "a", Version: "1.0.0", Functions: []plugin.Function{{Name: "f"}}},
		"kinds":    kinds(),
	} {
		b, err := p.ManifestJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := manifestSchema(t).Validate(tree(t, b)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, b)
		}
	}
}

func TestManifestOfWhatIsNoJSON(t *testing.T) {
	p := &plugin.Plugin{Name: "a", Version: "1.0.0", Functions: []plugin.Function{{Name: "f", Params: make(chan int)}}}
	if b, err := p.ManifestJSON(); err == nil {
		t.Errorf("a manifest: %s", b)
	}
}
