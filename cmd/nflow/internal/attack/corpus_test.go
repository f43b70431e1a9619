package attack_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/attack"
)

func corpus(t *testing.T) []attack.Script {
	t.Helper()
	list, err := attack.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCorpus(t *testing.T) {
	list := corpus(t)
	kinds := map[string]int{}
	for _, s := range list {
		kind, _, _ := strings.Cut(s.Name, "-")
		kinds[kind]++
		if strings.Contains(s.Code, "<<") && strings.Contains(s.Code, " x ") {
			t.Errorf("%s: a repetition was not written out", s.Name)
		}
	}
	for _, kind := range []string{
		"bigint", "error", "eval", "generator", "getter", "host", "json", "log", "memory", "native", "output", "promise",
		"prototype", "proxy", "recursion", "regex", "require", "source", "string", "symbol", "throw", "time", "timer",
	} {
		if kinds[kind] == 0 {
			t.Errorf("no attack by %s", kind)
		}
	}
	if len(list) < 180 {
		t.Errorf("%d attacks", len(list))
	}
}

func TestRepetitions(t *testing.T) {
	want := map[string]struct {
		text  string
		least int
	}{
		"source-arrows":      {"return a=>a=>", 250_000},
		"source-parentheses": {"return ((((", 200_000},
		"source-unary":       {"return !!!!", 250_000},
	}
	for _, s := range corpus(t) {
		if w, ok := want[s.Name]; ok && (!strings.Contains(s.Code, w.text) || len(s.Code) < w.least) {
			t.Errorf("%s has %d characters: %.200s", s.Name, len(s.Code), s.Code)
		}
	}
}
