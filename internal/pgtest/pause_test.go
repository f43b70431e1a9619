//go:build unix

package pgtest_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

func TestPause(t *testing.T) {
	server := pgtest.Start(t)
	db := open(t, server.DSN(t))
	run(t, db, "CREATE TABLE x AS SELECT 1")
	server.Pause(t)
	answered := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(context.WithoutCancel(t.Context()), "SELECT 1")
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("a paused server answers: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	server.Resume(t)
	if err := <-answered; err != nil {
		t.Error(err)
	}
	server.Pause(t) // the end of the test must cope
}

func TestTLS(t *testing.T) {
	server, files := pgtest.StartTLS(t)
	dsn := server.DSN(t)
	var encrypted bool
	if err := open(t, dsn).QueryRowContext(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&encrypted); err != nil || !encrypted {
		t.Fatal(encrypted, err)
	}
	for name, options := range map[string]url.Values{
		"plain":    {"sslmode": {"disable"}},
		"other CA": {"sslmode": {"verify-ca"}, "sslrootcert": {files.OtherCA}},
	} {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = options.Encode()
		if err := ping(t, u.String()); err == nil {
			t.Errorf("%s: let in", name)
		}
	}
}
