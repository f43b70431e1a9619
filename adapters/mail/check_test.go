package mail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/mail"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name     string
		server   options
		password string
		says     string // empty = let in
	}{
		{"no login", options{}, "", ""},
		{"login", options{auth: true, insecure: true}, password, ""},
		{"wrong password", options{auth: true, insecure: true}, "wrong", "refused the user name or password"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.server)
			cfg := mail.Config{Port: s.port, TLS: mail.NoTLS, Timeout: 5 * time.Second}
			if tt.password != "" {
				cfg.Username, cfg.Password = user, tt.password
			}
			err := newMailer(t, cfg).Check(t.Context())
			if (err == nil) != (tt.says == "") || (err != nil && !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.mails) > 0 {
				t.Errorf("it sent %v", s.mails)
			}
		})
	}
}

func TestCheckFails(t *testing.T) {
	off, err := mail.New(mail.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := off.Check(t.Context()); fault.CodeOf(err) != fault.Disabled {
		t.Errorf("switched off: %v", err)
	}
	if err := newMailer(t, mail.Config{Port: 1, TLS: mail.NoTLS}).Check(t.Context()); fault.CodeOf(err) != fault.Upstream {
		t.Errorf("nobody listens: %v", err)
	}
}
