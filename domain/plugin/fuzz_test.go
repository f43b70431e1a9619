package plugin_test

import (
	"encoding/json"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// FuzzManifest: whatever the bytes, a manifest is refused with code invalid or
// survives being written and read again.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(manifest()))
	f.Add([]byte(`{"name":"a","version":"1.0.0","abi":1,"actions":[{"name":"x","params":null}]}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"NAME":"a","name":"b"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := plugin.ParseManifest(b)
		if err != nil {
			if fault.CodeOf(err) != fault.Invalid {
				t.Fatalf("code %s: %v", fault.CodeOf(err), err)
			}
			return
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := plugin.ParseManifest(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if d := m.Difference(again); d != "" {
			t.Fatalf("%s changed in %s", text, d)
		}
		if _, err := plugin.Grant(m, m.Capabilities); err != nil && len(m.Capabilities.FS) == 0 {
			t.Fatalf("what it asks for does not suffice: %v", err)
		}
	})
}
