package redis_test

import (
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

func wantHeard(t *testing.T, heard <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-heard:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: nothing was heard", what)
	}
}

func TestAnnouncements(t *testing.T) {
	server := redistest.Start(t)
	c := config(server)
	listener, speaker, stranger := open(t, c), open(t, c), open(t, config(server))
	heard := listener.Heard()
	if listener.Heard() != heard {
		t.Error("a second channel")
	}
	wantHeard(t, heard, "the beginning")
	must(t, stranger.Announce(t.Context()))
	must(t, stranger.Ping(t.Context()))
	select {
	case <-heard:
		t.Error("heard an announcement under another prefix")
	case <-time.After(50 * time.Millisecond):
	}
	for range 100 {
		must(t, speaker.Announce(t.Context()))
		wantHeard(t, heard, "announcement")
	}
	for range 1000 { // nobody reads, nothing blocks
		must(t, speaker.Announce(t.Context()))
	}
	wantHeard(t, heard, "many announcements")

	server.Restart(t)
	subscribed(t, server, c)
	wantHeard(t, heard, "a new subscription")
	server.Do(t, "CLIENT", "KILL", "TYPE", "pubsub")
	wantHeard(t, heard, "a new subscription after a broken one")
	eventually(t, "works", 10*time.Second, func() bool { return speaker.Ping(t.Context()) == nil })
	drain(heard)
	must(t, speaker.Announce(t.Context()))
	wantHeard(t, heard, "announcement after a restart")
}

// TestSilentSubscription: a connection that is dead without a sign is found out.
func TestSilentSubscription(t *testing.T) {
	server := redistest.Start(t)
	c := config(server)
	c.Timeout = 200 * time.Millisecond
	client := open(t, c)
	redis.ListenFor(client, 50*time.Millisecond)
	heard := client.Heard()
	wantHeard(t, heard, "the beginning")
	time.Sleep(200 * time.Millisecond) // silent, but alive: it stays
	select {
	case <-heard:
		t.Error("it subscribed anew though the server answers")
	default:
	}
	server.Pause(t)
	time.Sleep(300 * time.Millisecond) // long enough to find out
	server.Resume(t)
	wantHeard(t, heard, "a new subscription")
}

func subscribed(t *testing.T, server *redistest.Server, c redis.Config) {
	t.Helper()
	channel := c.KeyPrefix + "published"
	eventually(t, "subscribed", 20*time.Second, func() bool {
		return server.Do(t, "PUBSUB", "NUMSUB", channel) == channel+"\n1"
	})
}

func drain(heard <-chan struct{}) {
	for {
		select {
		case <-heard:
		case <-time.After(50 * time.Millisecond):
			return
		}
	}
}
