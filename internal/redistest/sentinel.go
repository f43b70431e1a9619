//go:build unix

package redistest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Sentinels is a master with a replica and a Sentinel, which makes the replica the
// master soon after the master is gone. The first two have the same password.
type Sentinels struct {
	Master, Replica, Sentinel *Server
	Name                      string // of the master
}

// StartSentinels starts all three, and returns once the replica could take over.
func StartSentinels(tb testing.TB) Sentinels {
	tb.Helper()
	const name = "nflow"
	password := randomHex()
	master := Start(tb, Options{password: password})
	replica := Start(tb, Options{password: password, Lines: []string{fmt.Sprint("replicaof 127.0.0.1 ", master.port)}})
	sentinel := Start(tb, Options{sentinel: strings.Join([]string{
		fmt.Sprintf("sentinel monitor %s 127.0.0.1 %d 1", name, master.port),
		"sentinel auth-pass " + name + " " + password,
		"sentinel down-after-milliseconds " + name + " 500",
		"sentinel failover-timeout " + name + " 3000",
	}, "\n")})
	err := poll(startTimeout, func() error {
		replication, err := replica.Try(context.Background(), "INFO", "replication")
		if err == nil && !strings.Contains(replication, "master_link_status:up") {
			err = errors.New("the replica has not reached its master:\n" + replica.log())
		}
		seen, errSeen := sentinel.Try(context.Background(), "SENTINEL", "REPLICAS", name)
		if errSeen == nil && !strings.Contains(seen, "master-link-status\nok") {
			errSeen = errors.New("the Sentinel does not know the replica")
		}
		return errors.Join(err, errSeen)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return Sentinels{Master: master, Replica: replica, Sentinel: sentinel, Name: name}
}
