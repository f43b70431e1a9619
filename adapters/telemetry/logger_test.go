package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/telemetry"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func newLogger(t testing.TB, w io.Writer, cfg telemetry.LogConfig) *slog.Logger {
	t.Helper()
	l, err := telemetry.NewLogger(w, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// handle passes a record with the manual's time to the logger's handler.
func handle(t *testing.T, l *slog.Logger, level slog.Level, msg string, args ...any) {
	t.Helper()
	r := slog.NewRecord(time.Date(2024, 1, 15, 10, 30, 45, 999, time.UTC), level, msg, 0)
	r.Add(args...)
	if err := l.Handler().Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func TestTextIsTheManualsFormat(t *testing.T) {
	type args = []any
	for _, tt := range []struct {
		name  string
		level slog.Level
		msg   string
		args  args
		want  string
	}{
		{"bare", slog.LevelInfo, "Iniciado nFlow Runtime", nil, "2024-01-15 10:30:45 [INFO] Iniciado nFlow Runtime\n"},
		{"debug", slog.LevelDebug, "Pool de VMs: Creadas 100 VMs", nil, "2024-01-15 10:30:45 [DEBUG] Pool de VMs: Creadas 100 VMs\n"},
		{"accents", slog.LevelError, "Conexión falló", nil, "2024-01-15 10:30:45 [ERROR] Conexión falló\n"},
		{"attributes", slog.LevelWarn, "slow", args{"run", "abc", "n", 3, "ok", true, "took", time.Second, "ratio", 0.5},
			"2024-01-15 10:30:45 [WARN] slow run=abc n=3 ok=true took=1s ratio=0.5\n"},
		{"quoted", slog.LevelInfo, "m", args{"a", "two words", "b", `"`, "c", "", "d", "x=y"},
			`2024-01-15 10:30:45 [INFO] m a="two words" b="\"" c="" d="x=y"` + "\n"},
		{"groups", slog.LevelInfo, "m", args{slog.Group("g", "a", 1, slog.Group("h", "b", 2)), slog.Group("", "c", 3)},
			"2024-01-15 10:30:45 [INFO] m g.a=1 g.h.b=2 c=3\n"},
		{"an error", slog.LevelInfo, "m", args{"err", fault.New(fault.Invalid, "no good")}, `2024-01-15 10:30:45 [INFO] m err="no good"` + "\n"},
		{"a structure", slog.LevelInfo, "m", args{"v", []int{1, 2}}, `2024-01-15 10:30:45 [INFO] m v="[1 2]"` + "\n"},
		{"forged line", slog.LevelInfo, "user bob\n2024-01-15 [INFO] admin logged in", args{"k\n", "v\nw"},
			`2024-01-15 10:30:45 [INFO] user bob\n2024-01-15 [INFO] admin logged in k\n="v\nw"` + "\n"},
		{"terminal tricks", slog.LevelInfo, "\x1b[2J\x9b\u2028\u202e\r\x00\xff", args{"k", "\x1b[31m"},
			`2024-01-15 10:30:45 [INFO] \x1b[2J\x9b\u2028\u202e\r\x00\xff k="\x1b[31m"` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			handle(t, newLogger(t, &b, telemetry.LogConfig{}), tt.level, tt.msg, tt.args...)
			if b.String() != tt.want {
				t.Errorf("got  %q\nwant %q", b.String(), tt.want)
			}
		})
	}
}

func TestTextKeepsAttributesAndGroups(t *testing.T) {
	var b bytes.Buffer
	base := newLogger(t, &b, telemetry.LogConfig{})
	one := base.With("run", "r1").WithGroup("node").With("id", "a b")
	two := base.With("run", "r2")
	handle(t, one, slog.LevelInfo, "first", "n", 1)
	handle(t, two, slog.LevelInfo, "second")
	want := "2024-01-15 10:30:45 [INFO] first run=r1 node.id=\"a b\" node.n=1\n" +
		"2024-01-15 10:30:45 [INFO] second run=r2\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestJSONIsTheManualsFormat(t *testing.T) {
	var b bytes.Buffer
	handle(t, newLogger(t, &b, telemetry.LogConfig{Format: telemetry.JSON}), slog.LevelInfo, "Workflow\nejecutado",
		"workflow_id", "abc123", "duration_ms", 125, "status", "success", "took", 2*time.Second,
		"err", errors.New("x"), slog.Group("g", "level", 7))
	want := `{"time":"2024-01-15T10:30:45Z","level":"info","msg":"Workflow\nejecutado","workflow_id":"abc123",` +
		`"duration_ms":125,"status":"success","took":"2s","err":"x","g":{"level":7}}` + "\n"
	if b.String() != want {
		t.Errorf("got  %s\nwant %s", b.String(), want)
	}
}

func TestLevelCanChange(t *testing.T) {
	for _, format := range []string{telemetry.Text, telemetry.JSON} {
		t.Run(format, func(t *testing.T) {
			var b bytes.Buffer
			level := new(slog.LevelVar)
			l := newLogger(t, &b, telemetry.LogConfig{Format: format, Level: level})
			l.Debug("hidden")
			level.Set(slog.LevelDebug)
			l.Debug("shown")
			if strings.Contains(b.String(), "hidden") || !strings.Contains(b.String(), "shown") {
				t.Errorf("got %q", b.String())
			}
		})
	}
}

func TestUnknownFormatIsRefused(t *testing.T) {
	if _, err := telemetry.NewLogger(io.Discard, telemetry.LogConfig{Format: "xml"}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestLinesAreNeverMixed(t *testing.T) {
	for _, format := range []string{telemetry.Text, telemetry.JSON} {
		t.Run(format, func(t *testing.T) {
			var b bytes.Buffer
			l := newLogger(t, &b, telemetry.LogConfig{Format: format})
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 100 {
						l.Info("message", "long", strings.Repeat("x", 200))
					}
				})
			}
			wg.Wait()
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if len(lines) != 800 {
				t.Fatalf("%d lines", len(lines))
			}
			for _, line := range lines {
				if format == telemetry.JSON && !json.Valid([]byte(line)) || len(line) != len(lines[0]) {
					t.Fatalf("mixed line %q", line)
				}
			}
		})
	}
}

// The pool of buffers gives none back now and then under the race detector.
func TestTextAllocatesAtMostItsBuffer(t *testing.T) {
	l := newLogger(t, io.Discard, telemetry.LogConfig{}).With("run", "r1")
	log := func() {
		l.LogAttrs(t.Context(), slog.LevelInfo, "node done", slog.String("node", "a"), slog.Int("n", 3))
	}
	log()
	if n := testing.AllocsPerRun(100, log); n > 1 {
		t.Errorf("%v allocations for a line", n)
	}
}

func FuzzTextStaysOnOneLine(f *testing.F) {
	f.Add("msg", "key", "value")
	f.Add("a\nb", "\u2028", "\x85")
	f.Fuzz(func(t *testing.T, msg, key, value string) {
		var b bytes.Buffer
		l := newLogger(t, &b, telemetry.LogConfig{})
		l.Info(msg, key, value)
		if strings.ContainsAny(strings.TrimSuffix(b.String(), "\n"), "\n\r\u2028\u2029\u0085\x1b\x00") {
			t.Errorf("%q", b.String())
		}
	})
}
