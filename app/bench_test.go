package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// idle answers at once, so that only the runtime's own work is measured.
type idle struct{}

func (idle) Check(context.Context, node.Script) ([]policy.Finding, error) { return nil, nil }

func (idle) Run(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
	return node.ScriptResult{Payload: call.Payload, Next: "output_1"}, nil
}

// quiet observes nothing.
type quiet struct{}

func (quiet) RequestDone(string, string, int, time.Duration) {}
func (quiet) RunDone(string, ports.RunStatus, time.Duration) {}
func (quiet) NodeDone(string, fault.Code, time.Duration)     {}
func (quiet) Counted(ports.Event, string, int)               {}
func (quiet) Scripts(int, int)                               {}

func BenchmarkServe(b *testing.B) {
	for _, nodes := range []int{1, 10} {
		for _, keep := range []int{0, 100, 10_000} {
			b.Run(fmt.Sprintf("%d script nodes, %d records kept", nodes, keep), func(b *testing.B) {
				w := newStopped(b, memory.Designer{}, func(d *app.Deps, c *app.Config) {
					d.Engine, d.Observer, d.Log = idle{}, quiet{}, slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError}))
					c.Retention.RunsKeep = keep
				})
				parts := []string{start("s", "POST", "/bench/:id", "output_1>n0")}
				for i := range nodes {
					parts = append(parts, js(fmt.Sprint("n", i), "f();", fmt.Sprint("output_1>n", i+1)))
				}
				w.publish("bench", doc(append(parts, raw(fmt.Sprint("n", nodes), `{"type":"response"}`, ""))...))
				for range keep {
					w.expect(request("POST", "/bench/7", ""), `200 {"id":"7"}`)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := w.Serve(b.Context(), request("POST", "/bench/7", "")); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// nowhere takes tracker rows and forgets them, so that only the hand-over is
// measured.
type nowhere struct{ ports.TrackerStore }

func (nowhere) AppendTracker(context.Context, []ports.TrackerRow) error { return nil }

// BenchmarkServeTracked is what a tracked request costs beside the writing of its
// rows: five of them here.
func BenchmarkServeTracked(b *testing.B) {
	for _, on := range []bool{false, true} {
		b.Run(fmt.Sprint("tracked ", on), func(b *testing.B) {
			w := newWorld(b, func(d *app.Deps, c *app.Config) {
				d.Engine, d.Observer, d.Log, d.Tracker = idle{}, quiet{}, slog.New(slog.DiscardHandler), nowhere{}
				c.Tracking = app.Tracking{
					Enabled: on, Workers: 2, BatchSize: 1000, FlushInterval: 250 * time.Millisecond, Buffer: 10_000, Payload: true, MaxPayload: 65536,
				}
			})
			parts := []string{start("s", "POST", "/bench/:id", "output_1>n0")}
			for i := range 3 {
				parts = append(parts, js(fmt.Sprint("n", i), "f();", fmt.Sprint("output_1>n", i+1)))
			}
			w.publish("bench", doc(append(parts, raw("n3", `{"type":"response"}`, ""))...))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Serve(b.Context(), request("POST", "/bench/7", "")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
