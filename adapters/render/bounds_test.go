package render_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/render"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func numbers(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }

// TestTemplatesCannotRunAway holds templates that would work for hours or fill
// the memory.
func TestTemplatesCannotRunAway(t *testing.T) {
	double := `{{$x := printf "%01000000d" 1}}` + strings.Repeat(`{{$x = printf "%s%s" $x $x}}`, 40)
	long := strings.Repeat("x", 10_000)
	data := fmt.Sprintf(`{"a":%s}`, numbers(1000))
	const html, mustache = node.HTMLTemplate, node.Mustache
	for _, tt := range []struct {
		name, source string
		engine       node.TemplateEngine
		limit        string
	}{
		{"loops that print", long + strings.Repeat(`{{range $.a}}`+long, 6) + strings.Repeat(`{{end}}`, 6), html, "limits.max_payload_bytes"},
		{"loops that print nothing", strings.Repeat(`{{range $.a}}`, 6) + strings.Repeat(`{{end}}`, 6), html, "max_render_time"},
		{"counting", `{{range 9000000000000000000}}{{end}}`, html, "max_render_time"},
		{"counting with a jump", `{{range 9000000000000000000}}{{continue}}{{end}}`, html, "max_render_time"},
		{"endless inclusion", `{{define "r"}}{{template "r" .}}{{end}}{{template "r" .}}`, html, "max_render_depth"},
		{"endless inclusion in an attribute", `{{define "r"}}{{template "r" .}}{{end}}<a title="{{template "r" .}}">`, html, "max_render_depth"},
		{"branching inclusion", `{{define "r"}}{{range $.a}}{{template "r" $}}{{end}}{{end}}{{template "r" .}}`, html, "max_render_depth"},
		{"doubling by printf", double, html, "limits.max_payload_bytes"},
		{"doubling by print", strings.ReplaceAll(double, `printf "%s%s"`, "print"), html, "limits.max_payload_bytes"},
		{"doubling by println", strings.ReplaceAll(double, `printf "%s%s"`, "println"), html, "limits.max_payload_bytes"},
		{"doubling by js", `{{$x := "\\"}}` + strings.Repeat(`{{$x = js $x}}`, 60), html, "limits.max_payload_bytes"},
		{"repeated by position", `{{$x := printf "%01000000d" 1}}{{$x = printf "` + strings.Repeat("%[1]s", 60) + `" $x}}`, html, "limits.max_payload_bytes"},
		{"many widths", `{{$x := printf "` + strings.Repeat("%0999999d", 1000) + `" 1}}`, html, "limits.max_payload_bytes"},
		{"whole data many times", `{{$x := print ` + strings.Repeat("$ ", 60) + `}}{{$x = print ` + strings.Repeat("$x ", 60) + `}}{{$x = print ` + strings.Repeat("$x ", 60) + `}}`, html, "limits.max_payload_bytes"},
		{"sections that print", strings.Repeat(`{{#a}}`+long, 6) + strings.Repeat(`{{/a}}`, 6), mustache, "limits.max_payload_bytes"},
		{"sections that print nothing", strings.Repeat(`{{#a}}`, 6) + strings.Repeat(`{{/a}}`, 6), mustache, "max_render_time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := render.Config{MaxOutput: 4 << 20, Timeout: 30 * time.Second}
			if tt.limit == "max_render_time" {
				cfg.Timeout = 100 * time.Millisecond
			}
			r := render.New(cfg)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			started := time.Now()
			text, err := r.Render(t.Context(), tt.engine, tt.source, value(t, data))
			took := time.Since(started)
			runtime.ReadMemStats(&after)
			if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != tt.limit {
				t.Errorf("%d bytes, %v; want limit %s", len(text), err, tt.limit)
			}
			if took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if grown := (after.Sys - before.Sys) >> 20; grown > 400 {
				t.Errorf("took %d MiB", grown)
			}
		})
	}
}

func TestParsingCannotRunAway(t *testing.T) {
	r := render.New(render.Config{})
	for name, source := range map[string]string{
		"nested loops":           strings.Repeat(`{{range .}}`, 60) + strings.Repeat(`{{end}}`, 60),
		"nested loops in else":   strings.Repeat(`{{if .}}{{else}}{{range .}}`, 60) + strings.Repeat(`{{end}}{{end}}`, 60),
		"nested blocks":          strings.Repeat(`{{if .}}`, 30_000) + strings.Repeat(`{{end}}`, 30_000),
		"nested parentheses":     `{{` + strings.Repeat(`(`, 100_000),
		"larger than the bounds": strings.Repeat("x", 512<<10+1),
	} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			if err := r.Check(node.HTMLTemplate, source); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("got %v", err)
			}
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestDeepLegitimateInclusionWorks(t *testing.T) {
	r := render.New(render.Config{})
	const tree = `{{define "n"}}<{{.v}}>{{with .c}}{{template "n" .}}{{end}}{{end}}{{template "n" .}}`
	data := strings.Repeat(`{"v":1,"c":`, 400) + `{}` + strings.Repeat(`}`, 400)
	text, err := r.Render(t.Context(), node.HTMLTemplate, tree, value(t, data))
	if err != nil || strings.Count(text, "1") != 400 {
		t.Errorf("%d levels, %v", strings.Count(text, "1"), err)
	}
}

func TestRenderingStopsWithItsCaller(t *testing.T) {
	r := render.New(render.Config{})
	gone := errors.New("the client left")
	for _, when := range []time.Duration{0, 50 * time.Millisecond} {
		t.Run(when.String(), func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			if when == 0 {
				cancel(gone)
			}
			defer time.AfterFunc(when, func() { cancel(gone) }).Stop()
			_, err := r.Render(ctx, node.HTMLTemplate, `{{range 9000000000000000000}}{{end}}`, value(t, `{}`))
			if fault.CodeOf(err) != fault.Cancelled || !errors.Is(err, gone) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOutputLimitIsExact(t *testing.T) {
	r := render.New(render.Config{MaxOutput: 5})
	for _, engine := range []node.TemplateEngine{node.HTMLTemplate, node.Mustache} {
		if text, err := r.Render(t.Context(), engine, "12345", value(t, `{}`)); text != "12345" || err != nil {
			t.Errorf("%s: %q, %v", engine, text, err)
		}
		if text, err := r.Render(t.Context(), engine, "123456", value(t, `{}`)); text != "" || fault.CodeOf(err) != fault.LimitExceeded {
			t.Errorf("%s: %q, %v", engine, text, err)
		}
	}
}

func TestRendererIsSafeForConcurrentUse(t *testing.T) {
	r := render.New(render.Config{CacheSize: 3})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 100 {
				source := fmt.Sprintf(`%d {{.x}}`, i%5)
				want := fmt.Sprintf("%d <", i%5)
				for _, engine := range []node.TemplateEngine{node.HTMLTemplate, node.Mustache} {
					if engine == node.Mustache {
						source = strings.ReplaceAll(source, "{{.x}}", "{{x}}")
					}
					got, err := r.Render(t.Context(), engine, source, value(t, `{"x":"<"}`))
					if err != nil || got != strings.ReplaceAll(want, "<", "&lt;") {
						t.Errorf("%q, %v", got, err)
					}
				}
			}
		})
	}
	wg.Wait()
}
