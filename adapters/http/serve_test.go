package http

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

type outcome struct {
	status int
	body   string
	err    error
}

// begin starts serving and sends one request to the workflow, which is running
// when begin returns.
func (w *world) begin(t *testing.T, timeout time.Duration, run func(context.Context) error) (stop func() error, answered <-chan outcome, address string) {
	t.Helper()
	running := make(chan struct{})
	w.serve = func(ctx context.Context, in *ports.Inbound) (ports.Outbound, error) {
		if in.Path != "/slow" {
			return ports.Outbound{}, nil
		}
		close(running)
		return ports.Outbound{}, run(ctx)
	}
	s := w.server(t, func(c *Config) { c.Address, c.ShutdownTimeout = "127.0.0.1:0", timeout })
	ctx, cancel := context.WithCancel(context.Background())
	ln, err := s.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	results := make(chan outcome, 1)
	go func() {
		res, err := client().Get("http://" + ln.Addr().String() + "/slow")
		if err != nil {
			results <- outcome{err: err}
			return
		}
		defer res.Body.Close()
		results <- outcome{status: res.StatusCode, body: readAll(t, res)}
	}()
	<-running
	return func() error { cancel(); return <-ended }, results, ln.Addr().String()
}

func TestShutdownLetsRequestsFinish(t *testing.T) {
	w := newWorld()
	release := make(chan struct{})
	stop, answered, address := w.begin(t, 5*time.Second, func(ctx context.Context) error {
		<-release
		return ctx.Err()
	})
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break // nobody listens any more
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("the server still accepts connections")
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("Serve ended with a request in flight: %v", err)
	default:
	}
	close(release)
	if got := <-answered; got.status != 200 {
		t.Errorf("answer %+v", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve says %v", err)
	}
}

func TestShutdownCancelsWhatTakesTooLong(t *testing.T) {
	w := newWorld()
	stop, answered, _ := w.begin(t, 50*time.Millisecond, func(ctx context.Context) error {
		<-ctx.Done()
		return fault.Wrap(ctx.Err(), fault.Cancelled, "cancelled")
	})
	if err := stop(); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("Serve says %v", err)
	}
	got := <-answered
	if got.status != 503 || !strings.Contains(got.body, `"code":"cancelled"`) {
		t.Errorf("answer %+v", got)
	}
}

func TestShutdownCutsWhatIgnoresItsContext(t *testing.T) {
	w := newWorld()
	release := make(chan struct{})
	stop, answered, _ := w.begin(t, 50*time.Millisecond, func(context.Context) error {
		<-release
		return nil
	})
	began := time.Now()
	err := stop()
	if took := time.Since(began); fault.CodeOf(err) != fault.Cancelled || took > 5*time.Second {
		t.Errorf("Serve says %v after %s", err, took)
	}
	if got := <-answered; got.err == nil {
		t.Errorf("answer %+v", got)
	}
	close(release)
}

func TestServeReportsABrokenListener(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if err := newWorld().server(t, nil).Serve(context.Background(), ln); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Serve says %v", err)
	}
}

func TestListenSaysWhy(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := newWorld().server(t, func(c *Config) { c.Address = ln.Addr().String() })
	_, err = s.Listen(context.Background())
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("Listen says %v", err)
	}
}

func TestServeMonitor(t *testing.T) {
	w := newWorld()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.server(t, nil).ServeMonitor(ctx, ln) }()
	if res := get(t, "http://"+ln.Addr().String()+"/metrics"); res.StatusCode != http.StatusOK {
		t.Errorf("status %d", res.StatusCode)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ServeMonitor says %v", err)
	}
}
