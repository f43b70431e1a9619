package redis_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

func TestCondition(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Lines: []string{"maxmemory 64mb", "maxmemory-policy allkeys-lru"}})
	client := open(t, config(server))
	got, err := client.Condition(t.Context())
	must(t, err)
	if !strings.Contains(got.Version, ".") || got.MaxMemory != 64<<20 || got.Eviction != "allkeys-lru" {
		t.Errorf("%+v", got)
	}
	server.Stop(t)
	_, err = client.Condition(t.Context())
	fails(t, err, fault.Unavailable, "cannot ask the server how it is")
}
