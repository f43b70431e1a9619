//go:build unix

package e2e

import (
	"io"
	"log"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// postOffice is a real SMTP server on loopback that keeps what it is sent.
type postOffice struct {
	port string
	stop func()

	mu    sync.Mutex
	mails []string
}

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	o := &postOffice{}
	backend := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{office: o}, nil }))
	backend.Domain = "localhost"
	backend.ErrorLog = log.New(io.Discard, "", 0)
	l := listen(t)
	o.port = portOf(t, l)
	done := make(chan struct{})
	go func() { defer close(done); _ = backend.Serve(l) }()
	o.stop = sync.OnceFunc(func() { _ = backend.Close(); _ = l.Close(); <-done })
	t.Cleanup(o.stop)
	return o
}

func (o *postOffice) received() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.mails...)
}

type delivery struct {
	office   *postOffice
	envelope string
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.envelope = "FROM " + from + "\n"
	return nil
}
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.envelope += "TO " + to + "\n"
	return nil
}
func (d *delivery) Reset()        {}
func (d *delivery) Logout() error { return nil }

func (d *delivery) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	d.office.mu.Lock()
	d.office.mails = append(d.office.mails, d.envelope+string(text))
	d.office.mu.Unlock()
	return err
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var c net.ListenConfig
	l, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func portOf(t *testing.T, l net.Listener) string {
	t.Helper()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
