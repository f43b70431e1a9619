package sandboxtest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/ports/sandboxtest"
)

// TestTheGuideListsWhatIsNotStopped compares the marked rows with the list that
// operators read.
func TestTheGuideListsWhatIsNotStopped(t *testing.T) {
	guide, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	const title = "## What in_process cannot stop\n"
	_, rest, found := strings.Cut(string(guide), title)
	if !found {
		t.Fatalf("docs/sandbox.md has no %q", title)
	}
	section, _, _ := strings.Cut(rest, "\n## ")
	var listed []string
	for _, line := range strings.Split(section, "\n") {
		if name, isItem := strings.CutPrefix(line, "- "); isItem {
			name, _, _ = strings.Cut(name, ":")
			listed = append(listed, name)
		}
	}
	if diff := cmp.Diff(sandboxtest.Unstoppable(), listed); diff != "" {
		t.Errorf("the list of docs/sandbox.md (-suite +guide):\n%s", diff)
	}
}
