//go:build unix

package redistest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// slots is how many a cluster has.
const slots = 16384

// StartCluster starts three masters, which share the slots and a password, and
// returns once each knows the others.
func StartCluster(tb testing.TB) []*Server {
	tb.Helper()
	const masters = 3
	password := randomHex()
	var nodes []*Server
	for range masters {
		nodes = append(nodes, Start(tb, Options{password: password, cluster: true}))
	}
	for i, node := range nodes {
		node.Do(tb, "CLUSTER", "ADDSLOTSRANGE", fmt.Sprint(i*slots/masters), fmt.Sprint((i+1)*slots/masters-1))
		node.Do(tb, "CLUSTER", "SET-CONFIG-EPOCH", fmt.Sprint(i+1))
		if i > 0 {
			node.Do(tb, "CLUSTER", "MEET", "127.0.0.1", fmt.Sprint(nodes[0].port), fmt.Sprint(nodes[0].bus))
		}
	}
	err := poll(startTimeout, func() error {
		for _, node := range nodes {
			info, err := node.Try(context.Background(), "CLUSTER", "INFO")
			if err != nil {
				return err
			}
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprint("cluster_known_nodes:", masters)) {
				return errors.New("a node does not know the others:\n" + info)
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return nodes
}
