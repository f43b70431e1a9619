package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"time"
)

// files looks at what scripts may use of the machine.
func files(_ context.Context, p Patient, f *Findings) {
	c := p.Config.VMPool
	if c.EnableFilesystem {
		const check = "files of scripts"
		switch info, err := os.Stat(c.FilesystemRoot); {
		case err != nil:
			f.fail(check, "make the directory, or see vm_pool.filesystem_root", "%s: %s", c.FilesystemRoot, reason(err))
		case !info.IsDir():
			f.fail(check, "see vm_pool.filesystem_root", "%s is no directory", c.FilesystemRoot)
		default:
			if err := writable(c.FilesystemRoot); err != nil {
				f.warn(check, "scripts can read, but not write there", "%s: %s", c.FilesystemRoot, reason(err))
				break
			}
			f.ok(check, "%s", c.FilesystemRoot)
		}
	}
	if !c.EnableProcess {
		return
	}
	for _, path := range c.AllowedExecutables {
		const anybody = 0o111
		switch info, err := os.Stat(path); {
		case err != nil:
			f.fail("program", "install it, or see vm_pool.allowed_executables", "%s: %s", path, reason(err))
		case info.IsDir() || info.Mode()&anybody == 0:
			f.fail("program", "see vm_pool.allowed_executables", "%s is not executable", path)
		default:
			f.ok("program", "%s", path)
		}
	}
}

// renewal is how long before its end a certificate should have been replaced.
const renewal = 14 * 24 * time.Hour

func certificate(_ context.Context, p Patient, f *Findings) {
	const check = "certificate"
	s := p.Config.Server
	if s.TLSCert == "" {
		f.ok(check, "none: plain HTTP, for a proxy on the same machine or network")
		return
	}
	pair, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
	if err != nil {
		f.fail(check, "see server.tls_cert and server.tls_key", "%s", err)
		return
	}
	leaf := pair.Leaf
	if leaf == nil {
		if leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			f.fail(check, "see server.tls_cert", "%s", err)
			return
		}
	}
	now := time.Now()
	until := leaf.NotAfter.Format(time.DateOnly)
	switch {
	case now.After(leaf.NotAfter):
		f.fail(check, "renew it", "%s ended on %s", s.TLSCert, until)
	case now.Before(leaf.NotBefore):
		f.fail(check, "see the clock, and the certificate", "%s begins on %s", s.TLSCert, leaf.NotBefore.Format(time.DateOnly))
	case now.Add(renewal).After(leaf.NotAfter):
		f.warn(check, "renew it", "%s ends on %s", s.TLSCert, until)
	default:
		f.ok(check, "%s is good until %s", s.TLSCert, until)
	}
}
