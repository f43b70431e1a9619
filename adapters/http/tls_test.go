package http

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// writePair writes a self-signed certificate with a serial number.
func writePair(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der},
		keyFile:  {Type: "EC PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func pairFiles(t *testing.T) (certFile, keyFile string) {
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePair(t, certFile, keyFile, 1)
	return certFile, keyFile
}

func tlsClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
	}}
}

func TestTLSSpeaksHTTP2AndOutlivesTimeouts(t *testing.T) {
	certFile, keyFile := pairFiles(t)
	w := newWorld()
	w.serve = func(ctx context.Context, in *ports.Inbound) (ports.Outbound, error) {
		if in.Scheme != "https" {
			t.Errorf("scheme %s", in.Scheme)
		}
		select {
		case <-ctx.Done():
			t.Errorf("the run was cancelled: %v", context.Cause(ctx))
		case <-time.After(400 * time.Millisecond):
		}
		return ports.Outbound{}, nil
	}
	address := w.live(t, func(c *Config) {
		c.TLSCert, c.TLSKey = certFile, keyFile
		c.WriteTimeout, c.ReadTimeout, c.StallTimeout = 150*time.Millisecond, 150*time.Millisecond, 150*time.Millisecond
	})
	client := tlsClient()
	defer client.CloseIdleConnections()
	res, err := client.Post("https://"+address+"/x", "text/plain", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.ProtoMajor != 2 || res.StatusCode != 200 {
		t.Errorf("%s %d", res.Proto, res.StatusCode)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	certFile, keyFile := pairFiles(t)
	address := newWorld().live(t, func(c *Config) { c.TLSCert, c.TLSKey = certFile, keyFile })
	_, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11})
	if err == nil {
		t.Fatal("TLS 1.1 was accepted")
	}
}

func TestCertificateFollowsItsFiles(t *testing.T) {
	certFile, keyFile := pairFiles(t)
	w := newWorld()
	certs, err := loadCertificates(certFile, keyFile, w.deps().Log)
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		t.Helper()
		certs.checked = time.Time{} // as if the pause had passed
		pair, err := certs.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Fatalf("serial %d", got)
	}
	touch := func(at time.Time) {
		for _, file := range []string{certFile, keyFile} {
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	writePair(t, certFile, keyFile, 2)
	touch(time.Now().Add(time.Minute))
	if got := serial(); got != 2 {
		t.Errorf("after renewal: serial %d", got)
	}
	if err := os.WriteFile(certFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("with a broken file: serial %d", got)
	}
	if w.log() == "" {
		t.Error("nobody was told of the broken file")
	}
	writePair(t, certFile, keyFile, 3)
	touch(time.Now().Add(2 * time.Minute))
	if got := serial(); got != 3 {
		t.Errorf("after repair: serial %d", got)
	}
}

func TestBadTLSFiles(t *testing.T) {
	certFile, keyFile := pairFiles(t)
	rows := []struct{ name, cert, key, field string }{
		{"no certificate", certFile + "x", keyFile, "server.tls_cert"},
		{"no key", certFile, keyFile + "x", "server.tls_key"},
		{"swapped", keyFile, certFile, "server.tls_cert"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			cfg := testConfig()
			cfg.TLSCert, cfg.TLSKey = row.cert, row.key
			_, err := New(newWorld().deps(), cfg)
			if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Field != row.field {
				t.Errorf("New says %v", err)
			}
		})
	}
}
