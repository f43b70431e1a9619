package mail

import (
	"crypto/x509"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// TLSMode says how the connection to the server is encrypted.
type TLSMode string

// The modes. The default, an empty one, is StartTLS, but to a server on this
// machine an unencrypted connection is accepted when it offers nothing else.
const (
	StartTLS    TLSMode = "starttls" // upgrades the connection; fails when the server cannot
	ImplicitTLS TLSMode = "tls"      // encrypted from the first byte
	NoTLS       TLSMode = "none"
)

// Config is the [mail] section.
type Config struct {
	Enabled  bool
	Host     string
	Port     int    // default 587; 465 with ImplicitTLS, 25 with NoTLS
	Username string // empty = no authentication
	Password string
	From     string // such as "nFlow <nflow@example.com>", for mails that name no sender
	TLS      TLSMode
	Timeout  time.Duration  // of one mail, connecting included; default 30 s
	RootCAs  *x509.CertPool // nil = the system's
}

// prepare fills in the defaults and reports every fault at once, as a
// fault.List of code invalid. A mailer that is not enabled is not checked.
func (c *Config) prepare() error {
	if !c.Enabled {
		return nil
	}
	var faults fault.List
	wrong := func(field, format string, args ...any) {
		faults.Add(fault.New(fault.Invalid, format, args...).AtField("mail." + field))
	}
	if c.Host = strings.TrimSpace(c.Host); c.Host == "" {
		wrong("smtp_host", "is missing")
	}
	switch c.TLS {
	case "", StartTLS, ImplicitTLS, NoTLS:
	default:
		wrong("tls", "%q is unknown; use starttls, tls or none", c.TLS)
	}
	if c.Port == 0 {
		c.Port = defaultPort(c.TLS)
	}
	if c.Port < 1 || c.Port > 65535 {
		wrong("smtp_port", "%d is not a port", c.Port)
	}
	if c.From != "" {
		if _, err := mail.ParseAddress(c.From); err != nil {
			wrong("from", "%q is not a mail address", c.From)
		}
	}
	if c.Username != "" && c.TLS == NoTLS && !isLoopback(c.Host) {
		wrong("tls", "none would send the password unencrypted; use starttls or tls")
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	return faults.Err()
}

func defaultPort(mode TLSMode) int {
	switch mode {
	case ImplicitTLS:
		return 465
	case NoTLS:
		return 25
	case StartTLS:
	}
	return 587
}

// isLoopback knows the names of this machine that the SMTP library knows, too.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
}
