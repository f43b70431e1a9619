package sqlstore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"strings"

	"github.com/lib/pq"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// diagnoseTLS knows what goes wrong before a server listens to its client.
func diagnoseTLS(err error) (ailment, bool) {
	advice := ""
	switch {
	case errors.Is(err, pq.ErrSSLNotSupported):
		advice = "the server does not speak TLS; add sslmode=disable to database_nflow.dsn, or enable TLS on the server"
	case refusesPlain(err):
		advice = "the server wants TLS; say sslmode=require, verify-ca or verify-full in database_nflow.dsn"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		advice = "an authority nobody here trusts has signed the server's certificate; name the file with the " +
			"authority's own certificate as sslrootcert in database_nflow.dsn"
	case errors.As(err, new(x509.HostnameError)):
		advice = "the server's certificate is for another host; use a host that it names in database_nflow.dsn, " +
			"or sslmode=verify-ca if any host will do"
	case errors.As(err, new(x509.CertificateInvalidError)):
		advice = "the server's certificate is not valid, perhaps no longer; renew it"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		advice = "the server's certificate cannot be trusted; see sslrootcert in database_nflow.dsn"
	case errors.As(err, new(*fs.PathError)):
		advice = "a file that database_nflow.dsn speaks of cannot be read; see sslrootcert, sslcert and sslkey"
	}
	return ailment{fault.Unavailable, advice, 0}, advice != ""
}

// refusesPlain says whether a server would let us in with TLS. PostgreSQL has no
// code of its own for it.
func refusesPlain(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "28000" &&
		(strings.Contains(e.Message, "no encryption") || strings.Contains(e.Message, "SSL off"))
}
