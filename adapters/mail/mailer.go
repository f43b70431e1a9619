package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	gomail "github.com/wneessen/go-mail"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Mailer = (*Mailer)(nil)

var errTimeout = errors.New("the mail server took too long")

// Mailer hands mails to one SMTP server, each over a connection of its own.
type Mailer struct{ cfg Config }

// New checks the configuration without connecting; see Config.
func New(cfg Config) (*Mailer, error) {
	if err := cfg.prepare(); err != nil {
		return nil, err
	}
	return &Mailer{cfg: cfg}, nil
}

// Send returns once the server took the mail, see ports.Mailer. Faults of
// addresses and attachments stand at the field of the node, such as to or
// attachments. A recipient the server refuses fails the whole mail.
func (m *Mailer) Send(ctx context.Context, r node.MailRequest) error {
	if !m.cfg.Enabled {
		return fault.New(fault.Disabled, "mail is switched off; the operator can configure it with [mail] enabled = true")
	}
	msg, err := m.compose(r)
	if err != nil {
		return err
	}
	sendCtx, cancel := context.WithTimeoutCause(ctx, m.cfg.Timeout, errTimeout)
	defer cancel()
	line := &line{ctx: sendCtx}
	defer line.release()
	client, err := m.client(line)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "the mail settings cannot be used")
	}
	err = client.DialAndSendWithContext(sendCtx, msg)
	if err == nil || msg.IsDelivered() {
		return nil // the server took it; that it did not say goodbye is no loss
	}
	return m.sendFault(ctx, sendCtx, err)
}

func (m *Mailer) client(l *line) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(m.cfg.Port), gomail.WithTimeout(m.cfg.Timeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(m.tlsConfig()),
	}
	switch m.cfg.TLS {
	case ImplicitTLS:
		l.tls = m.tlsConfig()
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		policy := gomail.TLSMandatory
		if isLoopback(m.cfg.Host) {
			policy = gomail.TLSOpportunistic
		}
		options = append(options, gomail.WithTLSPolicy(policy))
	}
	options = append(options, gomail.WithDialContextFunc(l.dial))
	if m.cfg.Username != "" {
		options = append(options, gomail.WithSMTPAuthCustom(&login{cfg: m.cfg}))
	}
	return gomail.NewClient(m.cfg.Host, options...)
}

func (m *Mailer) tlsConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: m.cfg.Host, RootCAs: m.cfg.RootCAs}
}

// line is the connection of one mail. The library heeds a context only while it
// connects, so the line breaks the connection when the context ends later.
type line struct {
	ctx     context.Context // the one of the mail, which the line lives no longer than
	tls     *tls.Config     // set when encrypted from the first byte
	conn    net.Conn
	unwatch func() bool
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	l.unwatch = context.AfterFunc(l.ctx, func() { _ = conn.Close() }) // it is broken on purpose
	if l.tls == nil {
		return conn, nil
	}
	secure := tls.Client(conn, l.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, nil
}

// release closes the connection, which the library does only when all went
// well.
func (l *line) release() {
	if l.conn == nil {
		return
	}
	l.unwatch()
	_ = l.conn.Close() // it may be closed already
}
