package mail

import (
	"errors"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

var _ smtp.Auth = (*login)(nil)

var errNoMechanism = errors.New("the server offers no way to log in that can be used")

// login proves who we are by the best mechanism the server offers. The library
// cannot choose by itself over connections that are dialled for it.
type login struct {
	cfg    Config
	chosen smtp.Auth
}

// Start chooses the mechanism. Those that show the password are for encrypted
// connections and this machine only, which the library checks once more.
func (l *login) Start(server *smtp.ServerInfo) (mechanism string, first []byte, err error) {
	user, password, host := l.cfg.Username, l.cfg.Password, l.cfg.Host
	offers := func(name string) bool {
		return slices.ContainsFunc(server.Auth, func(s string) bool { return strings.EqualFold(s, name) })
	}
	open := server.TLS || isLoopback(host)
	switch {
	case offers("SCRAM-SHA-256"):
		l.chosen = smtp.ScramSHA256Auth(user, password)
	case offers("PLAIN") && open:
		l.chosen = smtp.PlainAuth("", user, password, host, isLoopback(host))
	case offers("LOGIN") && open:
		l.chosen = smtp.LoginAuth(user, password, host, isLoopback(host))
	case offers("CRAM-MD5"):
		l.chosen = smtp.CRAMMD5Auth(user, password)
	default:
		return "", nil, errNoMechanism
	}
	return l.chosen.Start(server)
}

// Next answers the server's challenge.
func (l *login) Next(challenge []byte, more bool) ([]byte, error) {
	return l.chosen.Next(challenge, more)
}
