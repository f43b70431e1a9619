//go:build unix

package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certificates are files, PEM: those of an authority of our own and one that it
// signed for 127.0.0.1, which servers and clients show.
type certificates struct {
	ca, cert, key string
	client        *tls.Config
}

// CAFile holds the certificate that signs that of a server with TLS.
func (s *Server) CAFile() string { return s.certs.ca }

// ClientFiles are a certificate, and its key, that a server with TLS accepts.
func (s *Server) ClientFiles() (cert, key string) { return s.certs.cert, s.certs.key }

func makeCertificates(dir string) (*certificates, error) {
	authorityKey, errA := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	leafKey, errL := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(errA, errL); err != nil {
		return nil, err
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redistest"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signed, errA := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	leafSigned, errL := x509.CreateCertificate(rand.Reader, leaf, authority, leafKey.Public(), authorityKey)
	keyBytes, errK := x509.MarshalPKCS8PrivateKey(leafKey)
	if err := errors.Join(errA, errL, errK); err != nil {
		return nil, err
	}
	c := &certificates{
		ca: filepath.Join(dir, "ca.pem"), cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"),
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leafSigned})
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyBytes})
	err := errors.Join(os.WriteFile(c.ca, ca, 0o600), os.WriteFile(c.cert, cert, 0o600), os.WriteFile(c.key, key, 0o600))
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	c.client = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: []tls.Certificate{pair}}
	return c, err
}
