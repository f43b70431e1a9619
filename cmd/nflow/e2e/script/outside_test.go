package script

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// startWeather starts the server that the page on nodes asks for the weather.
func startWeather(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		city, found := strings.CutPrefix(r.URL.Path, "/v1/")
		if !found || city == "nowhere" || r.Header.Get("Accept") != "application/json" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"city": city, "units": r.URL.Query().Get("units")})
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// mailbox is a mail server on a free port.
type mailbox struct {
	port  string
	mails chan string
}

func startMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{mails: make(chan string, 16)}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return visit{m}, nil }))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, m.port, err = net.SplitHostPort(l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return m
}

// want takes the next mail, which has been taken before nflow answers.
func (m *mailbox) want(t *testing.T, parts ...string) {
	t.Helper()
	select {
	case mail := <-m.mails:
		for _, part := range parts {
			if !strings.Contains(mail, part) {
				t.Errorf("the mail has no %q: %s", part, mail)
			}
		}
	default:
		t.Error("no mail arrived")
	}
}

// visit is one SMTP session.
type visit struct{ *mailbox }

func (visit) Reset()                               {}
func (visit) Logout() error                        { return nil }
func (visit) Mail(string, *smtp.MailOptions) error { return nil }
func (visit) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (v visit) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	v.mails <- string(content)
	return err
}
