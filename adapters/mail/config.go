package mail

import (
	"crypto/x509"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// How the connection to the server is encrypted.
const (
	// AutoTLS is ImplicitTLS on port 465 and StartTLS elsewhere, except that a
	// server on this machine that offers no encryption is spoken to without.
	AutoTLS     = "auto"
	StartTLS    = "starttls" // upgrades the connection; fails when the server cannot
	ImplicitTLS = "implicit" // encrypted from the first byte
	NoTLS       = "none"
)

// implicitPort is where servers expect encryption from the first byte.
const implicitPort = 465

// Config is the [mail] section.
type Config struct {
	Enabled  bool
	Host     string
	Port     int    // default 587; 465 with ImplicitTLS, 25 with NoTLS
	Username string // empty = no authentication
	Password string
	From     string         // such as "nFlow <nflow@example.com>", for mails that name no sender
	TLS      string         // one of the modes above; default AutoTLS
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
	case AutoTLS, StartTLS, ImplicitTLS, NoTLS:
	case "":
		c.TLS = AutoTLS
	default:
		wrong("tls", "%q is unknown; use auto, starttls, implicit or none", c.TLS)
	}
	if c.Port == 0 {
		c.Port = defaultPort(c.TLS)
	}
	if c.TLS == AutoTLS && c.Port == implicitPort {
		c.TLS = ImplicitTLS
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
		wrong("tls", "none would send the password unencrypted; use starttls or implicit")
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	return faults.Err()
}

func defaultPort(mode string) int {
	switch mode {
	case ImplicitTLS:
		return implicitPort
	case NoTLS:
		return 25
	default:
		return 587
	}
}

// isLoopback knows the names of this machine that the SMTP library knows, too.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
}
