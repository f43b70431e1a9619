package doctor

import (
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

func TestPostgres(t *testing.T) {
	c := config.Store{Driver: postgres, DSN: config.Secret(pgtest.DSN(t)), MaxOpenConns: 2, StatementTimeout: 10 * time.Second, Query: "SELECT name,query FROM queries"}
	look := func() Findings {
		var f Findings
		store(t.Context(), Patient{Config: config.Config{Store: c}}, &f)
		return f
	}
	rest := []string{"ok database TLS: none; the server is on this machine", "ok database room: this instance may open 3", "ok database timeout: may take 10s"}
	want(t, look(), append([]string{"warn database: the schema lacks", "ok database server: takes writes; clocks"}, rest...)...)
	s, err := wire.OpenStore(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, look(), append([]string{"ok database: schema up to date", "ok database server: takes writes; clocks"}, rest...)...)

	c.DSN = option(c.DSN, "default_transaction_read_only=on")
	want(t, look(), append([]string{"ok database: schema up to date", "fail database server: takes no writes"}, rest...)...)

	c.DSN, c.MaxOpenConns = option(c.DSN, "statement_timeout=2s"), 5000
	want(t, look()[3:], "warn database room: this one may open 5001", "warn database timeout: ends statements after 2s, before")
}

func option(dsn config.Secret, text string) config.Secret {
	separator := "?"
	if strings.Contains(dsn.Reveal(), "?") {
		separator = "&"
	}
	return dsn + config.Secret(separator+text)
}

func TestServer(t *testing.T) {
	var f Findings
	server{Far: true}.encryption(&f)
	server{Far: true, TLS: "TLSv1.3"}.encryption(&f)
	want(t, f, "warn database TLS: not encrypted", "ok database TLS: TLSv1.3")
}
