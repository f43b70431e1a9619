package app

import (
	"context"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// loops are the chores that come back at intervals until the runtime closes.
type loops struct {
	stop chan struct{}
	once sync.Once
	wait sync.WaitGroup
}

// every does a chore at intervals; each turn gets at most the time of one.
func (l *loops) every(ticker ports.Ticker, interval time.Duration, chore func(context.Context)) {
	ticks, stopTicks := ticker.Tick(interval)
	l.wait.Go(func() {
		defer stopTicks()
		for {
			select {
			case <-l.stop:
				return
			case <-ticks:
				ctx, cancel := context.WithTimeout(context.Background(), max(interval, chorePatience))
				chore(ctx)
				cancel()
			}
		}
	})
}

const chorePatience = 5 * time.Second

func (l *loops) close() {
	l.once.Do(func() { close(l.stop) })
	l.wait.Wait()
}
