package sqlstore_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

func TestTLSModes(t *testing.T) {
	server, files := pgtest.StartTLS(t)
	dsn := server.DSN(t)
	for _, tt := range []struct {
		name, mode, ca, host string
		text                 string // of the fault; empty = it connects
	}{
		{name: "disable", mode: "disable", text: "TLS"},
		{name: "require", mode: "require"},
		{name: "require by address", mode: "require", host: "127.0.0.1"},
		{name: "verify-ca", mode: "verify-ca", ca: files.CA},
		{name: "verify-ca by address", mode: "verify-ca", ca: files.CA, host: "127.0.0.1"},
		{name: "verify-ca of another", mode: "verify-ca", ca: files.OtherCA, text: "sslrootcert"},
		{name: "verify-full", mode: "verify-full", ca: files.CA},
		{name: "verify-full of another", mode: "verify-full", ca: files.OtherCA, text: "sslrootcert"},
		{name: "verify-full with another name", mode: "verify-full", ca: files.CA, host: "127.0.0.1", text: "certificate"},
		{name: "without the CA", mode: "verify-full", text: "sslrootcert"},
		{name: "a CA that is not there", mode: "verify-full", ca: files.CA + ".secret", text: "sslrootcert"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			options := url.Values{"sslmode": {tt.mode}}
			if tt.ca != "" {
				options.Set("sslrootcert", tt.ca)
			}
			u.RawQuery = options.Encode()
			if tt.host != "" {
				u.Host = tt.host + ":" + u.Port()
			}
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: sqlstore.Postgres, DSN: u.String()})
			if err == nil {
				defer s.Close()
			}
			if tt.text == "" {
				if err != nil {
					t.Error(chain(err))
				}
				return
			}
			wantFault(t, err, fault.Unavailable, "cannot open the database", tt.text)
			password, _ := u.User.Password()
			for _, secret := range []string{u.String(), password} {
				if strings.Contains(chain(err), secret) {
					t.Errorf("%q leaks in %s", secret, chain(err))
				}
			}
		})
	}
}
