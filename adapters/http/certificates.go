package http

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// certificateCheck is how long a certificate is used before its files are looked
// at again.
const certificateCheck = 5 * time.Second

// certificates is a certificate that follows its files: renewed files serve the
// next handshake, broken ones are logged and the old certificate stays.
type certificates struct {
	certFile, keyFile string
	log               *slog.Logger
	every             time.Duration

	mu      sync.Mutex
	current *tls.Certificate
	stamp   fileStamp
	checked time.Time
}

// fileStamp changes when either file does.
type fileStamp struct {
	certTime, keyTime time.Time
	certSize, keySize int64
}

func loadCertificates(certFile, keyFile string, log *slog.Logger) (*certificates, error) {
	c := &certificates{certFile: certFile, keyFile: keyFile, log: log, every: certificateCheck}
	stamp, err := c.stat()
	if err != nil {
		return nil, err
	}
	if err := c.load(stamp); err != nil {
		return nil, err
	}
	c.checked = time.Now()
	return c, nil
}

// get is a tls.Config.GetCertificate.
func (c *certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= c.every {
		c.checked = now
		if err := c.refresh(); err != nil {
			c.log.Error("the TLS certificate could not be read again; the old one stays", "error", err)
		}
	}
	return c.current, nil
}

func (c *certificates) refresh() error {
	stamp, err := c.stat()
	if err != nil || stamp == c.stamp {
		return err
	}
	return c.load(stamp)
}

func (c *certificates) load(stamp fileStamp) error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s and %s are not a certificate and its key in PEM form",
			c.certFile, c.keyFile).AtField("server.tls_cert")
	}
	c.current, c.stamp = &pair, stamp
	return nil
}

func (c *certificates) stat() (fileStamp, error) {
	cert, err := os.Stat(c.certFile)
	if err != nil {
		return fileStamp{}, unreadable(err, c.certFile, "server.tls_cert")
	}
	key, err := os.Stat(c.keyFile)
	if err != nil {
		return fileStamp{}, unreadable(err, c.keyFile, "server.tls_key")
	}
	return fileStamp{cert.ModTime(), key.ModTime(), cert.Size(), key.Size()}, nil
}

func unreadable(err error, file, field string) error {
	return fault.Wrap(err, fault.Invalid, "cannot read %s", file).AtField(field)
}
