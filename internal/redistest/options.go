//go:build unix

package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Options say what a server is like. The zero value is a plain one.
type Options struct {
	// TLS makes it speak nothing else; see CAFile.
	TLS bool
	// ClientCertificates makes a server with TLS refuse who shows no certificate.
	ClientCertificates bool
	// Lines are added to its configuration file.
	Lines []string

	password string // empty = a random one
	cluster  bool
	sentinel string // configuration of a sentinel
}

// writeConfig writes redis.conf. The password is in no command line.
func (s *Server) writeConfig() error {
	lines := []string{
		"bind 127.0.0.1", "daemonize no", "loglevel notice", `logfile ""`,
		"dir " + s.dir, "requirepass " + s.password,
	}
	port := fmt.Sprint("port ", s.port)
	if s.options.TLS {
		lines = append(lines, "port 0", fmt.Sprint("tls-port ", s.port),
			"tls-ca-cert-file "+s.certs.ca, "tls-cert-file "+s.certs.cert, "tls-key-file "+s.certs.key)
		port = "tls-auth-clients no"
		if s.options.ClientCertificates {
			port = "tls-auth-clients yes"
		}
	}
	lines = append(lines, port)
	switch {
	case s.options.sentinel != "":
		lines = append(lines, s.options.sentinel)
	default:
		// The data is thrown away.
		lines = append(lines, `save ""`, "appendonly no", "masterauth "+s.password, "repl-diskless-sync-delay 0")
	}
	if s.options.cluster {
		lines = append(lines, "cluster-enabled yes", fmt.Sprint("cluster-port ", s.bus), "cluster-config-file nodes.conf",
			"cluster-node-timeout 3000")
	}
	lines = append(lines, s.options.Lines...)
	return os.WriteFile(filepath.Join(s.dir, "redis.conf"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}
