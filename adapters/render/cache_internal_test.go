package render

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func TestCacheForgetsTheLeastUsed(t *testing.T) {
	key := func(s string) cacheKey { return cacheKey{node.Mustache, s} }
	for _, tt := range []struct {
		name     string
		c        *cache
		puts     []string
		touched  string
		has, not string
	}{
		{"by number", newCache(2, 100), []string{"a", "b", "c"}, "a", "a", "b"},
		{"by bytes", newCache(100, 4), []string{"aa", "bb", "c"}, "aa", "aa", "bb"},
		{"one too large for all", newCache(100, 4), []string{"aa", "ccccc"}, "aa", "", "ccccc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i, source := range tt.puts {
				if i == len(tt.puts)-1 {
					tt.c.get(key(tt.touched))
				}
				tt.c.put(key(source), mustacheProgram{})
				tt.c.put(key(source), mustacheProgram{})
			}
			if _, ok := tt.c.get(key(tt.has)); !ok && tt.has != "" {
				t.Errorf("%q was forgotten", tt.has)
			}
			if _, ok := tt.c.get(key(tt.not)); ok {
				t.Errorf("%q was kept", tt.not)
			}
			if _, ok := tt.c.get(cacheKey{node.HTMLTemplate, tt.puts[0]}); ok {
				t.Error("engines share entries")
			}
			bytes := 0
			for k := range tt.c.byKey {
				bytes += len(k.source)
			}
			if tt.c.recent.Len() != len(tt.c.byKey) || tt.c.bytes != bytes {
				t.Error("the books do not agree")
			}
		})
	}
}
