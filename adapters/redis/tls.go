package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// loadTLS reads the files and reports every fault at once, code invalid; nil
// without TLS.
func (c Config) loadTLS() (*tls.Config, error) {
	if !c.TLS {
		return nil, nil //nolint:nilnil // nil is how go-redis says: without TLS
	}
	var faults fault.List
	wrong := func(field string, err error, advice string) {
		faults.Add(fault.Wrap(err, fault.Invalid, "cannot be used: %s", advice).AtField("redis." + field))
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLSCA != "" {
		content, err := os.ReadFile(c.TLSCA)
		config.RootCAs = x509.NewCertPool()
		switch {
		case err != nil:
			wrong("tls_ca", err, fileAdvice(err))
		case !config.RootCAs.AppendCertsFromPEM(content):
			wrong("tls_ca", nil, "the file holds no certificate in PEM form")
		}
	}
	if c.TLSCert != "" {
		if pair, err := c.loadPair(wrong); err == nil {
			config.Certificates = []tls.Certificate{pair}
		}
	}
	return config, faults.Err()
}

func (c Config) loadPair(wrong func(field string, err error, advice string)) (tls.Certificate, error) {
	cert, errCert := os.ReadFile(c.TLSCert)
	if errCert != nil {
		wrong("tls_cert", errCert, fileAdvice(errCert))
	}
	key, errKey := os.ReadFile(c.TLSKey)
	if errKey != nil {
		wrong("tls_key", errKey, fileAdvice(errKey))
	}
	if err := errors.Join(errCert, errKey); err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		wrong("tls_cert", err, "it is no certificate in PEM form, or redis.tls_key is not its key")
	}
	return pair, err
}

func fileAdvice(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, os.ErrPermission):
		return "this user may not read the file"
	default:
		return "the file cannot be read"
	}
}
