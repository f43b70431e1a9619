package sqlstore

import (
	"context"
	"net"
	"sync"
	"time"
)

// pgDialer dials for lib/pq, which reads from a connection for as long as the
// server is silent, whatever becomes of the context: so the context must be able
// to cut the connection.
type pgDialer struct{ net.Dialer }

// Dial implements pq.Dialer.
func (d *pgDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout implements pq.Dialer.
func (d *pgDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext. What it dials hangs on the wire in ctx,
// if there is one.
func (d *pgDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if w, ok := ctx.Value(wireKey{}).(*wire); ok {
		w.attach(c)
	}
	return c, nil
}

type wireKey struct{}

// wire is the network connection below a connection of lib/pq. While one is made
// there may be several in turn: one for each host, with and without TLS.
type wire struct {
	mu   sync.Mutex
	now  net.Conn
	gone bool
}

func (w *wire) attach(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = c
	if w.gone {
		_ = c.Close() // lib/pq finds out when it uses it
	}
}

// cut closes the connection for good. Whoever reads or writes wakes up.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = true
	if w.now != nil {
		_ = w.now.Close() // it is thrown away
	}
}

func (w *wire) setDeadline(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != nil {
		_ = w.now.SetDeadline(t) // it fails for a closed connection
	}
}

func (w *wire) isCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone
}

// cutAfter cuts the connection when ctx ends. The caller must call stop when its
// work is done; a connection whose cutting has begun is of no use to the next.
func (w *wire) cutAfter(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	inTime := context.AfterFunc(ctx, w.cut)
	return func() {
		if !inTime() {
			w.cut()
		}
	}
}
