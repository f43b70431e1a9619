//go:build linux

package process_test

import (
	"context"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func BenchmarkCall(b *testing.B) {
	for _, row := range []struct {
		name, call string
		bytes      int
	}{
		{"1KB", "echo", 1 << 10}, {"100KB", "echo", 100 << 10}, {"1MB", "echo", 1 << 20}, {"1KB and two host calls", "hostcalls 2", 1 << 10},
	} {
		b.Run(row.name, func(b *testing.B) {
			cfg, _ := quick(b)
			p := open(b, newLoader(b, cfg), actorSpec(b))
			v, err := payload.Parse([]byte(`"` + strings.Repeat("x", row.bytes-2) + `"`))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(row.bytes))
			b.ReportAllocs()
			for b.Loop() {
				r, err := p.Call(context.Background(), ports.PluginCall{Op: ports.PluginFunction, Name: row.call, Payload: v}, host{})
				if err != nil || len(r.Payload.Bytes()) != row.bytes {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	cfg, _ := quick(b)
	l := newLoader(b, cfg)
	s := actorSpec(b)
	for b.Loop() {
		if err := open(b, l, s).Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
