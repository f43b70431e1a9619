package doctor

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestPostgres(t *testing.T) {
	c := config.Store{Driver: postgres, DSN: config.Secret(pgtest.DSN(t)), MaxOpenConns: 2, Query: "SELECT name,query FROM queries"}
	look := func() Findings {
		var f Findings
		store(t.Context(), Patient{Config: config.Config{Store: c}}, &f)
		return f
	}
	want(t, look(), "warn database: the schema lacks", "ok database server: takes writes; clocks")
	s, err := wire.OpenStore(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, look(), "ok database: schema up to date", "ok database server: takes writes; clocks")

	separator := "?"
	for _, r := range c.DSN.Reveal() {
		if r == '?' {
			separator = "&"
		}
	}
	c.DSN += config.Secret(separator + "default_transaction_read_only=on")
	want(t, look(), "ok database: schema up to date", "fail database server: takes no writes")
}
