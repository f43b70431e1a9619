package app_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// hashes are ports.Hashes by key, with the time each was told to last.
type hashes struct {
	by    map[string]map[string]string
	lasts map[string]time.Duration
}

func (h *hashes) SetFields(_ context.Context, key string, fields map[string]string) error {
	if h.by[key] == nil {
		h.by[key] = map[string]string{}
	}
	maps.Copy(h.by[key], fields)
	return nil
}

func (h *hashes) Field(_ context.Context, key, field string) (string, error) {
	if text, ok := h.by[key][field]; ok {
		return text, nil
	}
	if key == "away" {
		return "", fault.New(fault.Unavailable, "Redis is away")
	}
	return "", fault.New(fault.NotFound, "there is no such field")
}

func (h *hashes) DeleteFields(_ context.Context, key string, fields []string) (n int, err error) {
	for _, field := range fields {
		if _, ok := h.by[key][field]; ok {
			delete(h.by[key], field)
			n++
		}
	}
	return n, nil
}

func (h *hashes) ExpireHash(_ context.Context, key string, after time.Duration) (bool, error) {
	h.lasts[key] = after
	return h.by[key] != nil, nil
}

func TestRedisFunctions(t *testing.T) {
	store := &hashes{by: map[string]map[string]string{}, lasts: map[string]time.Duration{}}
	w := newWorld(t, func(d *app.Deps, _ *app.Config) { d.Hashes = store }).callable()
	for _, tt := range []struct {
		function string
		args     []string
		want     string
	}{
		{"redis_hget", []string{`"cart"`, `"a"`}, ``},
		{"redis_hset", []string{`"cart"`, `"a"`, `"ñ"`}, `undefined`},
		{"redis_hset", []string{`"cart"`, `"b"`, `1.50`, `"c"`, `{"d":[1]}`}, `undefined`},
		{"redis_hset", []string{`"cart"`, `{"e":true,"f":"x"}`}, `undefined`},
		{"redis_hget", []string{`"cart"`, `"a"`}, `ñ`},
		{"redis_hget", []string{`"cart"`, `"b"`}, `1.50`},
		{"redis_hget", []string{`"cart"`, `"c"`}, `{"d":[1]}`},
		{"redis_hget", []string{`"cart"`, `"e"`}, `true`},
		{"redis_hdel", []string{`"cart"`, `"a"`, `"zz"`, `"b"`}, `2`},
		{"redis_hget", []string{`"cart"`, `"a"`}, ``},
		{"redis_expire", []string{`"cart"`, `1.5`}, `true`},
		{"redis_expire", []string{`"cart"`, `"60"`}, `true`},
		{"redis_expire", []string{`"other"`, `60`}, `false`},
		{"redis_expire", []string{`"cart"`, `"NaN"`}, "node_failed"},
		{"redis_expire", []string{`"cart"`}, "node_failed"},
		{"redis_hset", []string{`"cart"`, `"a"`}, "node_failed"},
		{"redis_hset", []string{`"cart"`}, "node_failed"},
		{"redis_hset", []string{`"cart"`, `{}`}, "node_failed"},
		{"redis_hset", nil, "node_failed"},
		{"redis_hget", []string{`"cart"`}, "node_failed"},
		{"redis_hdel", []string{`"cart"`}, "node_failed"},
		{"redis_hget", []string{`"away"`, `"a"`}, "unavailable"},
	} {
		got := w.called(t, tt.function, tt.args...)
		if code, _, failed := strings.Cut(got, ": "); failed && !strings.HasPrefix(got, `"`) {
			got = code
		}
		if got != tt.want {
			t.Errorf("%s%v: got %s, want %s", tt.function, tt.args, got, tt.want)
		}
	}
	if store.lasts["cart"] != time.Minute {
		t.Errorf("lasts %s", store.lasts["cart"])
	}
}

func TestRedisFunctionsWithoutRedis(t *testing.T) {
	w := newWorld(t).callable()
	for _, function := range []string{"redis_hset", "redis_hget", "redis_hdel", "redis_expire"} {
		if got := w.called(t, function, `"k"`, `"f"`, `"v"`); got != "feature_disabled: "+function+" needs a Redis server; set redis.host" {
			t.Errorf("%s: got %s", function, got)
		}
	}
}
