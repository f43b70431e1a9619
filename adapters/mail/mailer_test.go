package mail_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/mail"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func TestNotEnabled(t *testing.T) {
	m, err := mail.New(mail.Config{Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Send(t.Context(), simple())
	if fault.CodeOf(err) != fault.Disabled || !strings.Contains(err.Error(), "[mail] enabled") {
		t.Errorf("got %v", err)
	}
}

func TestNewFindsEveryFault(t *testing.T) {
	_, err := mail.New(mail.Config{Enabled: true, Port: 70000, From: "x", TLS: "ssl", Password: password})
	for _, field := range []string{"mail.smtp_host", "mail.smtp_port", "mail.from", "mail.tls"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("nothing about %s in %v", field, err)
		}
	}
	_, err = mail.New(mail.Config{Enabled: true, Host: "mail.example.com", Username: user, Password: password, TLS: mail.NoTLS})
	if err == nil || !strings.Contains(err.Error(), "unencrypted") || strings.Contains(err.Error(), password) {
		t.Errorf("got %v", err)
	}
}

func TestEncryptionAndLogin(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server options
		mode   string
		login  bool
		trust  bool
		tls    bool
		says   string // empty = the mail arrives
	}{
		{"plain to this machine", options{}, mail.AutoTLS, false, false, false, ""},
		{"upgraded when offered", options{tls: true}, "", false, true, true, ""},
		{"starttls", options{tls: true}, mail.StartTLS, false, true, true, ""},
		{"starttls with login", options{tls: true, auth: true}, mail.StartTLS, true, true, true, ""},
		{"tls", options{implicit: true}, mail.ImplicitTLS, false, true, true, ""},
		{"tls with login", options{implicit: true, auth: true}, mail.ImplicitTLS, true, true, true, ""},
		{"none although offered", options{tls: true}, mail.NoTLS, false, false, false, ""},
		{"none with login on this machine", options{auth: true, insecure: true}, mail.NoTLS, true, false, false, ""},
		{"starttls is not offered", options{}, mail.StartTLS, false, false, false, "does not offer STARTTLS"},
		{"unknown certificate", options{tls: true}, mail.StartTLS, false, false, false, "cannot be trusted"},
		{"unknown certificate on this machine", options{tls: true}, "", false, false, false, "cannot be trusted"},
		{"unknown certificate from the start", options{implicit: true}, mail.ImplicitTLS, false, false, false, "cannot be trusted"},
		{"login is demanded", options{tls: true, auth: true}, mail.StartTLS, false, true, false, "Please authenticate first"},
		{"login is not offered", options{tls: true}, mail.StartTLS, true, true, false, "no safe way to log in"},
		{"tls to a plain server", options{}, mail.ImplicitTLS, false, true, false, "cannot be reached"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.server)
			cfg := mail.Config{Port: s.port, TLS: tt.mode, Timeout: 5 * time.Second}
			if tt.trust {
				cfg.RootCAs = s.roots
			}
			if tt.login {
				cfg.Username, cfg.Password = user, password
			}
			err := newMailer(t, cfg).Send(t.Context(), simple())
			if tt.says != "" {
				if fault.CodeOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v (%s), want %q", err, fault.CodeOf(err), tt.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s.last(t)
			if s.tls != tt.tls || (s.login == user) != tt.login {
				t.Errorf("encrypted %v, login %q", s.tls, s.login)
			}
		})
	}
}

func TestWrongPasswordIsNotShown(t *testing.T) {
	s := start(t, options{tls: true, auth: true})
	m := newMailer(t, mail.Config{Port: s.port, RootCAs: s.roots, Username: user, Password: "swordfish"})
	f := fault.As(m.Send(t.Context(), simple()))
	if f == nil || f.Code != fault.Upstream || f.Message != "the mail server refused the user name or password" {
		t.Errorf("got %v", f)
	}
}

func TestServerRefuses(t *testing.T) {
	s := start(t, options{maxBytes: 1000})
	m := newMailer(t, mail.Config{Port: s.port})
	r := simple()
	r.CC = []string{"nobody@example.com"}
	f := fault.As(m.Send(t.Context(), r))
	if f == nil || f.Code != fault.Upstream || !strings.Contains(f.Message, "no such user here") || !strings.Contains(f.Message, "nobody@example.com") {
		t.Errorf("recipient: %v", f)
	}
	r = simple()
	r.Text = strings.Repeat("x", 2000)
	if f := fault.As(m.Send(t.Context(), r)); f == nil || f.Code != fault.Upstream || !strings.Contains(f.Message, "552") {
		t.Errorf("size: %v", f)
	}
	if n := s.count(); n > 0 {
		t.Errorf("%d mails arrived", n)
	}
}

func TestServerIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := portOf(t, l)
	l.Close()
	err = newMailer(t, mail.Config{Port: port}).Send(t.Context(), simple())
	if fault.CodeOf(err) != fault.Upstream || !strings.Contains(err.Error(), "refused the connection") {
		t.Errorf("got %v", err)
	}
}

// script serves a session of fixed answers, then holds the line.
func script(t *testing.T, answers ...string) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		for _, answer := range answers {
			_, _ = conn.Write([]byte(answer + "\r\n"))
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
		}
		_, _ = r.ReadString(0) // until the other side hangs up
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return portOf(t, l)
}

func TestServerHangs(t *testing.T) {
	for name, answers := range map[string][]string{
		"at once":          nil,
		"after hello":      {"220 hi"},
		"after the sender": {"220 hi", "250 hello"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMailer(t, mail.Config{Port: script(t, answers...), Timeout: 200 * time.Millisecond})
			started := time.Now()
			if err := m.Send(t.Context(), simple()); fault.CodeOf(err) != fault.UpstreamTimeout {
				t.Errorf("got %v", err)
			}
			if took := time.Since(started); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
		t.Run(name+", the caller leaves", func(t *testing.T) {
			gone := errors.New("the client left")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer time.AfterFunc(50*time.Millisecond, func() { cancel(gone) }).Stop()
			m := newMailer(t, mail.Config{Port: script(t, answers...)})
			if err := m.Send(ctx, simple()); fault.CodeOf(err) != fault.Cancelled || !errors.Is(err, gone) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("after the mail", func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		s := start(t, options{hang: hang})
		m := newMailer(t, mail.Config{Port: s.port, Timeout: 300 * time.Millisecond})
		if err := m.Send(t.Context(), simple()); fault.CodeOf(err) != fault.UpstreamTimeout {
			t.Errorf("got %v", err)
		}
	})
}

func TestAMailThatWasTakenIsSent(t *testing.T) {
	port := script(t, "220 hi", "250 hello", "250 sender", "250 recipient", "354 go on")
	m := newMailer(t, mail.Config{Port: port, Timeout: 300 * time.Millisecond})
	if err := m.Send(t.Context(), simple()); err == nil {
		t.Error("the server never took it")
	}
	// A server that hangs up right after taking the mail.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		for _, answer := range []string{"220 hi", "250 hello", "250 sender", "250 recipient", "354 go on"} {
			_, _ = conn.Write([]byte(answer + "\r\n"))
			_, _ = r.ReadString('\n')
		}
		for line := ""; line != ".\r\n"; {
			if line, err = r.ReadString('\n'); err != nil {
				return
			}
		}
		_, _ = conn.Write([]byte("250 taken\r\n"))
	}()
	if err := newMailer(t, mail.Config{Port: portOf(t, l)}).Send(t.Context(), simple()); err != nil {
		t.Errorf("the server took it: %v", err)
	}
	<-done
}
