//go:build unix

package pgtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tlsHost is the only name in the certificate of a server with TLS.
const tlsHost = "localhost"

// Certificates are the files of a server with TLS, in PEM.
type Certificates struct {
	CA      string // of the authority that signed the server's certificate
	OtherCA string // of one that did not

	cert, key string
}

// StartTLS is Start for a server that speaks TLS only. Its certificate is for the
// host localhost and for no address.
func StartTLS(tb testing.TB) (*Server, Certificates) {
	tb.Helper()
	s := startWith(tb, (*Server).enableTLS)
	return s, *s.tls
}

func (c *Certificates) options() []string {
	return []string{"-c", "ssl=on", "-c", "ssl_cert_file=" + c.cert, "-c", "ssl_key_file=" + c.key}
}

func (s *Server) enableTLS() error {
	file := func(name string) string { return filepath.Join(s.dir, name) }
	s.tls = &Certificates{CA: file("ca.crt"), OtherCA: file("other.crt"), cert: file("server.crt"), key: file("server.key")}
	ca, err := newAuthority("pgtest")
	if err != nil {
		return err
	}
	other, err := newAuthority("pgtest other")
	if err != nil {
		return err
	}
	cert, key, err := ca.sign(tlsHost)
	if err != nil {
		return err
	}
	const users = "hostssl all all 127.0.0.1/32 scram-sha-256\n"
	return errors.Join(
		s.put(s.tls.CA, "CERTIFICATE", ca.raw), s.put(s.tls.OtherCA, "CERTIFICATE", other.raw),
		s.put(s.tls.cert, "CERTIFICATE", cert), s.put(s.tls.key, "EC PRIVATE KEY", key),
		os.WriteFile(filepath.Join(s.dir, "data", "pg_hba.conf"), []byte(users), 0o600), // the file is there, and its owner stays
	)
}

// put writes a file that only the server's user can read, as it demands of a key.
func (s *Server) put(name, kind string, content []byte) error {
	block := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
	if err := os.WriteFile(name, block, 0o600); err != nil {
		return err
	}
	if s.as == nil {
		return nil
	}
	return os.Chown(name, int(s.as.Uid), int(s.as.Gid))
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	raw  []byte
}

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(raw)
	return &authority{cert, key, raw}, err
}

// sign makes a certificate for a host and its key.
func (a *authority) sign(host string) (cert, key []byte, err error) {
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if cert, err = x509.CreateCertificate(rand.Reader, template, a.cert, own.Public(), a.key); err != nil {
		return nil, nil, err
	}
	key, err = x509.MarshalECPrivateKey(own)
	return cert, key, err
}
