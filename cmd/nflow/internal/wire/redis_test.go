package wire_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

// One address leads to all servers of a cluster when redis.cluster says that it
// belongs to one, whichever of the two keys holds it.
func TestEntryToACluster(t *testing.T) {
	nodes := redistest.StartCluster(t)
	for _, key := range []string{"HOST", "ADDRESSES"} {
		t.Run(key, func(t *testing.T) {
			entry := []string{"NFLOW_REDIS_" + key + "=" + nodes[0].Addr(), "NFLOW_REDIS_PASSWORD=" + nodes[0].Password()}
			if failed := cacheMany(t, entry...); failed == 0 {
				t.Error("one server of three took every key although nothing says that it is a cluster's")
			}
			for _, node := range nodes {
				node.Do(t, "FLUSHALL")
			}
			if failed := cacheMany(t, append(entry, "NFLOW_REDIS_CLUSTER=true")...); failed > 0 {
				t.Errorf("%d keys were refused", failed)
			}
			for _, node := range nodes {
				if node.Do(t, "DBSIZE") == "0" {
					t.Errorf("nothing lies at %s", node.Addr())
				}
			}
		})
	}
}

// cacheMany counts the keys, of many that all servers of a cluster share, which
// cannot be written.
func cacheMany(t *testing.T, settings ...string) (failed int) {
	t.Helper()
	cfg, err := config.Load(config.Source{Path: filepath.Join(t.TempDir(), "none.toml"), Environ: settings})
	if err != nil {
		t.Fatal(err)
	}
	client, err := redis.Open(t.Context(), wire.RedisConfig(cfg.Redis))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		if client.PutCached(t.Context(), fmt.Sprint(i), []byte("v"), time.Hour) != nil {
			failed++
		}
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	return failed
}
