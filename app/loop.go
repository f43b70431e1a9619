package app

import (
	"context"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// loops are the chores that come back at intervals until the runtime closes.
type loops struct {
	open context.Context //nolint:containedctx // ends when the runtime closes
	end  context.CancelFunc
	wait sync.WaitGroup
}

func newLoops() *loops {
	l := &loops{}
	l.open, l.end = context.WithCancel(context.Background())
	return l
}

// giveWay returns a context for a chore that may be left for the next time: it
// ends when the runtime closes.
func (l *loops) giveWay(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(l.open, cancel)
	return ctx, func() { stop(); cancel() }
}

// every does a chore at intervals; each turn gets at most the time of one.
func (l *loops) every(ticker ports.Ticker, interval time.Duration, chore func(context.Context)) {
	ticks, stop := ticker.Tick(interval)
	loop(l, ticks, stop, max(interval, chorePatience), chore)
}

// when does a chore each time the channel delivers.
func (l *loops) when(signals <-chan struct{}, chore func(context.Context)) {
	loop(l, signals, func() {}, chorePatience, chore)
}

func loop[T any](l *loops, turns <-chan T, stop func(), patience time.Duration, chore func(context.Context)) {
	l.wait.Go(func() {
		defer stop()
		for {
			select {
			case <-l.open.Done():
				return
			case _, more := <-turns:
				if !more || l.open.Err() != nil {
					return
				}
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				chore(ctx)
				cancel()
			}
		}
	})
}

const chorePatience = 5 * time.Second

func (l *loops) close() {
	l.end()
	l.wait.Wait()
}
