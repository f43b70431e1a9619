package redis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// channel is where announcements are made.
func (c *Client) channel() string { return c.config.KeyPrefix + "published" }

// Announce implements ports.Announcer.
func (c *Client) Announce(ctx context.Context) error {
	_, err := do(ctx, c, operation{name: "announce the change"}, func(ctx context.Context) (int64, error) {
		return c.rdb.Publish(ctx, c.channel(), "").Result()
	})
	return err
}

// Heard gives a value soon after somebody announced something, this client
// included, and whenever the subscription came about, as something may have been
// missed before. Several announcements may give one value. There is one channel, for
// one reader; the first call subscribes, until Close.
func (c *Client) Heard() <-chan struct{} {
	c.listen.Do(func() { c.run(c.hearAll) })
	return c.heard
}

func (c *Client) wake() {
	select {
	case c.heard <- struct{}{}:
	default: // somebody is about to look anyway
	}
}

// hearAll subscribes again and again.
func (c *Client) hearAll() {
	log := c.config.Log
	deaf := false
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := c.hear(func() {
			if deaf {
				log.Info("announcements of other instances are heard again")
			}
			deaf, pause = false, firstPause
			c.wake()
		})
		if c.background.Err() != nil {
			return
		}
		if !deaf {
			log.Warn("announcements of other instances are not heard for the time being", "error", c.fault(operation{name: "listen"}, err))
			deaf = true
		}
		select {
		case <-c.background.Done():
			return
		case <-time.After(pause):
		}
	}
}

// hear subscribes and calls heard for every announcement, and for the beginning,
// until the connection is lost. A silent one is asked whether it is still there.
func (c *Client) hear(heard func()) error {
	subscription := c.rdb.Subscribe(c.background, c.channel())
	defer func() { _ = subscription.Close() }()
	defer context.AfterFunc(c.background, func() { _ = subscription.Close() })() // reading hears of no context
	asked := false
	for {
		got, err := subscription.ReceiveTimeout(c.background, c.listenFor)
		if timedOut(err) && !asked {
			asked, err = true, subscription.Ping(c.background)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		asked = false
		switch got.(type) {
		case *redis.Subscription, *redis.Message:
			heard()
		}
	}
}
