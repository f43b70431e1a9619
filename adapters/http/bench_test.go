package http

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// sink is the cheapest ResponseWriter.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

func (s *sink) SetReadDeadline(time.Time) error  { return nil }
func (s *sink) SetWriteDeadline(time.Time) error { return nil }

func BenchmarkWorkflowEndpoint(b *testing.B) {
	rows := []struct{ name, method, body string }{
		{"GET", "GET", ""},
		{"POST_1KB", "POST", `{"k":"` + strings.Repeat("x", 1000) + `"}`},
	}
	for _, row := range rows {
		b.Run(row.name, func(b *testing.B) {
			w := newWorld()
			out := ports.Outbound{RunID: "0198c1d2-run", Reply: node.Reply{
				Status: 200,
				Header: []node.Header{{Name: "Content-Type", Value: "application/json"}},
				Body:   []byte(`{"resultado":42}`),
			}}
			w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) { return out, nil }
			deps := w.deps()
			deps.Log = slog.New(slog.DiscardHandler)
			deps.Observer = nobody{}
			s, err := New(deps, testConfig())
			if err != nil {
				b.Fatal(err)
			}
			_, r := newPair(row.method, "/orders/17")
			r.Header.Set("Content-Type", "application/json")
			reader := strings.NewReader(row.body)
			if row.body != "" {
				r.ContentLength = int64(len(row.body))
			}
			handler, writer := s.Handler(), &sink{}
			b.ReportAllocs()
			for b.Loop() {
				writer.header = http.Header{}
				if row.body != "" {
					reader.Reset(row.body)
					r.Body = body{reader}
				}
				handler.ServeHTTP(writer, r)
			}
		})
	}
}

type body struct{ *strings.Reader }

func (body) Close() error { return nil }

type nobody struct{ ports.Observer }

func (nobody) RequestDone(string, string, int, time.Duration) {}

// BenchmarkDoor is what limits cost: a request without any, one that is counted,
// and one that is refused.
func BenchmarkDoor(b *testing.B) {
	rows := []struct {
		name string
		door ports.Doorkeeper
	}{{"none", nil}, {"admitted", lets(left(100, 42, time.Second))}, {"refused", shut(time.Second)}}
	for _, row := range rows {
		b.Run(row.name, func(b *testing.B) {
			w := newWorld()
			w.door = row.door
			w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
				return ports.Outbound{Reply: node.Reply{Status: 200, Body: []byte("ok")}}, nil
			}
			deps := w.deps()
			deps.Log, deps.Observer = slog.New(slog.DiscardHandler), nobody{}
			s, err := New(deps, testConfig())
			if err != nil {
				b.Fatal(err)
			}
			_, r := newPair("GET", "/orders/17")
			handler, writer := s.Handler(), &sink{}
			b.ReportAllocs()
			for b.Loop() {
				writer.header = http.Header{}
				handler.ServeHTTP(writer, r)
			}
		})
	}
}
