package sqlstore

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/lib/pq"
)

// Heard is a channel that gets something when PostgreSQL announces that somebody
// published, and when the connection it announces on comes back, as meanwhile
// nothing was heard. It holds one thing at most and is never closed. The first
// call begins to listen, on a connection of its own, until Close. It is nil for
// SQLite, and after Close.
func (s *Store) Heard() <-chan struct{} {
	if s.listens == nil {
		return nil
	}
	return s.ears.heard(s.listens)
}

// ears are the one listener of a store.
type ears struct {
	mu       sync.Mutex
	listener *listener
	closed   bool
}

func (e *ears) heard(listens func() *listener) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	if e.listener == nil {
		e.listener = listens()
	}
	return e.listener.heard
}

func (e *ears) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listener != nil && !e.closed {
		e.listener.close()
	}
	e.closed = true
}

// listener keeps a connection that listens, for as long as it is open. It makes
// the pauses between attempts itself, in the dialer: those of lib/pq do not end
// when it is closed.
type listener struct {
	heard chan struct{}
	from  *pq.Listener
	wire  wire

	open     context.Context //nolint:containedctx // it is how close reaches a dial or a pause
	end      context.CancelFunc
	patience time.Duration
	failed   int // attempts since the last that succeeded; only of the goroutine that dials
	done     sync.WaitGroup
}

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// listen begins to listen. No attempt to connect takes longer than patience.
func listen(dsn string, patience time.Duration) *listener {
	l := &listener{heard: make(chan struct{}, 1), patience: patience}
	l.open, l.end = context.WithCancel(context.Background())
	l.from = pq.NewDialListener(listenerDialer{l}, dsn, time.Millisecond, time.Millisecond, l.happened)
	l.done.Go(func() {
		if l.from.Listen(published) == nil { // it waits for a connection, and fails when closed
			l.tell()
		}
	})
	l.done.Go(func() {
		for range l.from.Notify {
			l.tell()
		}
	})
	return l
}

func (l *listener) tell() {
	select {
	case l.heard <- struct{}{}:
	default: // it was told already
	}
}

// happened follows the attempts. That a connection came back counts as heard.
func (l *listener) happened(event pq.ListenerEventType, _ error) {
	switch event {
	case pq.ListenerEventConnected, pq.ListenerEventReconnected:
		l.failed = 0
		l.wire.setDeadline(time.Time{})
	case pq.ListenerEventConnectionAttemptFailed:
		l.failed++
	case pq.ListenerEventDisconnected:
	}
}

// close ends the connection and returns when nothing runs any more.
func (l *listener) close() {
	l.end()
	l.wire.cut() // lib/pq holds its lock while it connects
	_ = l.from.Close()
	l.done.Wait()
}

// listenerDialer is the dialer of a listener.
type listenerDialer struct{ *listener }

// Dial implements pq.Dialer. After a failure it rests first.
func (l listenerDialer) Dial(network, address string) (net.Conn, error) {
	if l.failed > 0 {
		rest(l.open, min(lastPause, firstPause<<min(l.failed-1, 10)))
	}
	var dialer net.Dialer
	ctx, cancel := context.WithTimeout(l.open, l.patience)
	defer cancel()
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.wire.attach(c)
	l.wire.setDeadline(time.Now().Add(l.patience)) // a server that is silent now is as good as none
	return c, nil
}

// DialTimeout implements pq.Dialer.
func (l listenerDialer) DialTimeout(network, address string, _ time.Duration) (net.Conn, error) {
	return l.Dial(network, address)
}
