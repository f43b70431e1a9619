package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"syscall"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// sendFault says what went wrong. What a server says while it checks a password
// is not shown: it may repeat the user's name.
func (m *Mailer) sendFault(ctx, sendCtx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.Wrap(errors.Join(ctx.Err(), context.Cause(ctx)), fault.Cancelled, "sending the mail was cancelled")
	}
	var network net.Error
	if errors.Is(context.Cause(sendCtx), errTimeout) || (errors.As(err, &network) && network.Timeout()) {
		return fault.Wrap(err, fault.UpstreamTimeout, "the mail server did not answer in time")
	}
	return fault.Wrap(err, fault.Upstream, "%s", describe(err))
}

func describe(err error) string {
	var refused *gomail.SendError
	var cert *tls.CertificateVerificationError
	var reply *textproto.Error
	var dns *net.DNSError
	switch {
	case errors.As(err, &refused):
		text, _, _ := strings.Cut(refused.Error(), ", affected message ID")
		return "the mail server refused the mail: " + text
	case errors.As(err, &cert):
		return "the mail server cannot be trusted: " + cert.Err.Error()
	case errors.Is(err, errNoMechanism), errors.Is(err, smtp.ErrUnencrypted):
		return "the mail server offers no safe way to log in, but [mail] has a user name"
	case strings.Contains(err.Error(), "SMTP AUTH failed") && errors.As(err, &reply):
		return "the mail server refused the user name or password"
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		return "the mail server does not offer STARTTLS; see [mail] tls"
	case errors.As(err, &reply):
		return "the mail server refused us: " + reply.Error()
	case errors.As(err, &dns):
		return "the name of the mail server cannot be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the mail server refused the connection"
	default:
		return "the mail server cannot be reached, or broke the connection"
	}
}
