package telemetry

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// family holds the series of one metric, one for each set of label values K.
// Reading takes no lock and allocates nothing; adding copies the map, which is
// rare and bounded: beyond max series everything is counted under one series
// named "other", so that no client can fill the memory with inventions.
type family[K comparable, M any] struct {
	series   atomic.Pointer[map[K]M]
	make     func(K) M
	overflow K
	max      int
	mu       sync.Mutex // held while adding
}

func newFamily[K comparable, M any](limit int, overflow K, create func(K) M) *family[K, M] {
	f := &family[K, M]{make: create, overflow: overflow, max: limit}
	f.series.Store(&map[K]M{})
	return f
}

// get returns the series of k, making it on first use.
func (f *family[K, M]) get(k K) M {
	if m, ok := (*f.series.Load())[k]; ok {
		return m
	}
	return f.add(k)
}

func (f *family[K, M]) add(k K) M {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := *f.series.Load()
	if len(old) >= f.max {
		k = f.overflow
	}
	if m, ok := old[k]; ok { // somebody else added it meanwhile
		return m
	}
	grown := make(map[K]M, len(old)+1)
	maps.Copy(grown, old)
	m := f.make(k)
	grown[k] = m
	f.series.Store(&grown)
	return m
}

// name writes a metric name with its labels: name, then label and value in
// turn. Values are escaped as the exposition format demands.
func name(metric string, labels ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	var b strings.Builder
	b.WriteString(metric)
	for i := 0; i+1 < len(labels); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(labels[i])
		b.WriteString(`="`)
		b.WriteString(escape.Replace(strings.ToValidUTF8(labels[i+1], "?")))
		b.WriteByte('"')
	}
	if len(labels) > 0 {
		b.WriteByte('}')
	}
	return b.String()
}
