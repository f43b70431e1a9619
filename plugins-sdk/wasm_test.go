package plugin_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestModulesAreSmall keeps gRPC, and what it brings along, out of WebAssembly.
func TestModulesAreSmall(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", ".")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range strings.Fields(string(out)) {
		if strings.HasPrefix(one, "google.golang.org/") || strings.HasPrefix(one, "github.com/hashicorp/") || strings.HasPrefix(one, "net/http") {
			t.Errorf("modules hold %s", one)
		}
	}
}
