package render

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Renderer = (*Renderer)(nil)

// Config bounds rendering. The zero value means the defaults.
type Config struct {
	MaxSource   int           // bytes of a template; default 512 KiB
	MaxOutput   int           // bytes of a rendered text, and of any text made on the way; default 16 MiB
	Timeout     time.Duration // of one rendering, on top of the caller's context; default 10 s
	CacheSize   int           // parsed templates kept; default 256
	CacheSource int           // bytes of source they may have together; default 16 MiB
}

func (c Config) withDefaults() Config {
	c.MaxSource = or(c.MaxSource, 512<<10)
	c.MaxOutput = or(c.MaxOutput, 16<<20)
	c.CacheSize = or(c.CacheSize, 256)
	c.CacheSource = or(c.CacheSource, 16<<20)
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	return c
}

func or(n, fallback int) int {
	if n > 0 {
		return n
	}
	return fallback
}

// program is a parsed template; it may be filled by many at the same time.
type program interface {
	fill(out *output, data payload.Value) error
}

// Renderer parses templates once and fills them.
type Renderer struct {
	cfg   Config
	cache *cache
}

// New returns a renderer.
func New(cfg Config) *Renderer {
	cfg = cfg.withDefaults()
	return &Renderer{cfg: cfg, cache: newCache(cfg.CacheSize, cfg.CacheSource)}
}

// Check parses a template without filling it. Faults are invalid, with the line
// and, where the engine tells it, the column.
func (r *Renderer) Check(engine node.TemplateEngine, source string) error {
	_, err := r.parse(engine, source)
	return err
}

// Render fills a template. In html, null and missing members render as nothing,
// and so does `index` on either; data that is no object is reachable as {{.}}.
// Faults: invalid, limit_exceeded with limit limits.max_payload_bytes,
// max_render_depth or max_render_time, cancelled.
func (r *Renderer) Render(ctx context.Context, engine node.TemplateEngine, source string, data payload.Value) (string, error) {
	if ctx.Err() != nil {
		return "", cancelled(ctx)
	}
	p, err := r.parse(engine, source)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, r.cfg.Timeout, errTooSlow)
	defer cancel()
	out := &output{ctx: ctx, limit: r.cfg.MaxOutput}
	err = p.fill(out, data)
	if out.err != nil { // engines swallow or wrap what a writer says
		return "", out.err
	}
	if err != nil {
		return "", err
	}
	return out.text.String(), nil
}

func (r *Renderer) parse(engine node.TemplateEngine, source string) (program, error) {
	key := cacheKey{engine, source}
	if p, ok := r.cache.get(key); ok {
		return p, nil
	}
	if len(source) > r.cfg.MaxSource {
		return nil, fault.New(fault.Invalid, "the template is larger than %d bytes", r.cfg.MaxSource)
	}
	var p program
	var err error
	switch engine {
	case node.HTMLTemplate:
		p, err = parseHTML(source, r.cfg.MaxOutput)
	case node.Mustache:
		p, err = parseMustache(source)
	default:
		err = fault.New(fault.Invalid, "there is no template engine %q; use html or mustache", engine)
	}
	if err != nil {
		return nil, err
	}
	r.cache.put(key, p)
	return p, nil
}
