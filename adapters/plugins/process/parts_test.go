package process

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func TestRecord(t *testing.T) {
	type step struct {
		after, lived, wait time.Duration
		quarantine         bool
	}
	const ms, s = time.Millisecond, time.Second
	tests := []struct {
		name  string
		steps []step
	}{
		{"doubles up to its bound, then gives up", []step{
			{wait: 100 * ms}, {wait: 200 * ms}, {wait: 400 * ms}, {wait: 800 * ms}, {wait: 1600 * ms},
			{wait: 3200 * ms}, {wait: 6400 * ms}, {wait: 12800 * ms}, {wait: 25600 * ms}, {quarantine: true},
		}},
		{"a healthy process begins anew", []step{
			{wait: 100 * ms}, {wait: 200 * ms}, {after: 60 * s, lived: 60 * s, wait: 100 * ms}, {lived: 59 * s, wait: 200 * ms},
		}},
		{"old faults are forgotten", []step{
			{wait: 100 * ms}, {wait: 200 * ms}, {wait: 400 * ms}, {wait: 800 * ms}, {wait: 1600 * ms},
			{wait: 3200 * ms}, {wait: 6400 * ms}, {wait: 12800 * ms}, {wait: 25600 * ms},
			{after: 301 * s, wait: 30 * s}, {wait: 30 * s}, {lived: 61 * s, wait: 100 * ms},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := record{cfg: Config{}.withDefaults()}
			now := time.Unix(0, 0)
			for i, step := range tt.steps {
				now = now.Add(step.after)
				wait, again := r.add(now, step.lived)
				if wait != step.wait || again == step.quarantine {
					t.Fatalf("fault %d: wait %s, again %t; want %+v", i+1, wait, again, step)
				}
			}
		})
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		name   string
		prints []string
		logged []string
		said   string
	}{
		{"nothing", nil, nil, ""},
		{"in pieces", []string{"on", "e\ntw", "o"}, []string{"line=one", "line=two"}, "one; two"},
		{"empty lines", []string{"\n\r\n a\r\n"}, []string{`line=" a"`}, "a"},
		{"no text", []string{"\xff\x00\n"}, []string{`line="?\x00"`}, "?\x00"},
		{"long", []string{strings.Repeat("x", 3000), strings.Repeat("y", 3000) + "\nend"}, []string{strings.Repeat("x", 2048) + "...\"", "line=end"}, "end"},
		{"logged as JSON", []string{`{"@level":"warn","@message":"m","n":1}` + "\n{}\n"}, []string{"level=WARN", "level=INFO", `\"n\":1`}, `{"@level":"warn","@message":"m","n":1}; {}`},
		{"panic before a dump", []string{"hello\npanic: oh\n\ngoroutine 1:\n" + strings.Repeat("main.go:1\n", 3000)}, []string{`line="panic: oh"`}, "panic: oh"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			l := &lines{log: slog.New(slog.NewTextHandler(&log, nil)), stream: "stderr"}
			for _, text := range tt.prints {
				if n, err := l.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatal(n, err)
				}
			}
			l.end()
			for _, want := range tt.logged {
				if want, _ = strings.CutSuffix(want, `"`); !strings.Contains(log.String(), want) {
					t.Errorf("got %s, want %s", log.String(), want)
				}
			}
			if got := l.said(); got != tt.said {
				t.Errorf("said %q, want %q", got, tt.said)
			}
			if most := (linesPerSecond + 10) * 200; log.Len() > most+2*lineBytes {
				t.Errorf("%d bytes logged", log.Len())
			}
		})
	}
}

func FuzzHandshake(f *testing.F) {
	f.Add("1|1|unix|/run/d/s|grpc|", false)
	f.Add("1|1|unix|/run/d/s|grpc|certificate", true)
	f.Add("1|1|tcp|127.0.0.1:80|grpc|certificate", true)
	f.Add("1|1|unix|/run/d/../s|grpc|", false)
	f.Add("1|0|unix|/run/d/s|grpc|", false)
	f.Add("hello\x00|", true)
	f.Fuzz(func(t *testing.T, line string, tls bool) {
		c := checker{version: 1, tls: tls, socketDir: "/run/d"}
		err := c.check(line)
		if err != nil {
			if fault.CodeOf(err) != fault.Invalid || len(err.Error()) > 1000 {
				t.Errorf("%v", err)
			}
			return
		}
		parts := strings.Split(strings.TrimSpace(line), "|")
		if parts[2] == "unix" && filepath.Dir(parts[3]) != "/run/d" && filepath.Dir(filepath.Clean(parts[3])) != "/run/d" {
			t.Errorf("accepted the socket %q", parts[3])
		}
		if parts[2] == "tcp" && !tls {
			t.Errorf("accepted %q without TLS", parts[3])
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb"), 1)
	f.Add([]byte("panic: \xff\n"), 3)
	f.Fuzz(func(t *testing.T, text []byte, piece int) {
		l := &lines{log: slog.New(slog.DiscardHandler)}
		for piece = max(1, piece); len(text) > 0; text = text[min(piece, len(text)):] {
			_, _ = l.Write(text[:min(piece, len(text))])
		}
		l.end()
		if said := l.said(); len(said) > 2*saidBytes || strings.Contains(said, "\n") {
			t.Errorf("said %q", said)
		}
		if len(l.last) > lastBytes || len(l.line) > 0 {
			t.Error("too much is kept")
		}
	})
}
