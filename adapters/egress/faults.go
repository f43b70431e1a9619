package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// callFault says what went wrong with a try. Its message names the server's
// scheme, host and port; path, query and user information may hold secrets.
func (c *Client) callFault(ctx, tryCtx context.Context, in call, err error) error {
	var own *fault.Fault
	if errors.As(err, &own) {
		return own
	}
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	err = withoutURL(err)
	at := origin(in.url)
	var timeout interface{ Timeout() bool }
	if errors.Is(context.Cause(tryCtx), errTryTimeout) {
		return fault.Wrap(err, fault.UpstreamTimeout, "%s did not answer within %s", at, in.timeout)
	}
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fault.Wrap(err, fault.UpstreamTimeout, "%s could not be reached in time", at)
	}
	return fault.Wrap(err, fault.Upstream, "%s %s", at, describe(err))
}

// describe says in a few words why a server could not be called.
func describe(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "does not exist: its name cannot be resolved"
	case errors.As(err, &dns):
		return "cannot be reached: looking up its name failed"
	case errors.As(err, &cert):
		return "cannot be trusted: " + cert.Err.Error()
	case errors.As(err, &record), errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return "cannot be reached: there is no common TLS version, 1.2 or later, or it does not speak TLS"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused the connection"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "cannot be reached: there is no way to its network"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "closed the connection before it had answered"
	default:
		return "could not be called, or its answer is not valid HTTP"
	}
}

// isPermanent reports whether trying again cannot help: a bad certificate, an
// unknown name, or a fault of our own making, which has no cause.
func isPermanent(err error) bool {
	var cert *tls.CertificateVerificationError
	var dns *net.DNSError
	return errors.As(err, &cert) || (errors.As(err, &dns) && dns.IsNotFound) || errors.Unwrap(err) == nil
}

// withoutURL removes the URL, with all its secrets, from an error.
func withoutURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

func cancelled(ctx context.Context) error {
	return fault.Wrap(errors.Join(ctx.Err(), context.Cause(ctx)), fault.Cancelled, "the call was cancelled")
}
