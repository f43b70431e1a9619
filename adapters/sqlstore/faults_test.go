package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// chain is everything an error and its causes say.
func chain(err error) string {
	if err == nil {
		return ""
	}
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	switch e := err.(type) { //nolint:errorlint // it walks the chain itself
	case interface{ Unwrap() error }:
		return text + "\n" + chain(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			text += "\n" + chain(cause)
		}
	}
	return text
}

// wantFault checks the code and that the message holds each text.
func wantFault(t *testing.T, err error, code fault.Code, texts ...string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("error %s, want code %s", chain(err), code)
	}
	for _, text := range texts {
		if !strings.Contains(f.Message, text) {
			t.Errorf("message %q does not hold %q", f.Message, text)
		}
	}
}

func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	notDB := filepath.Join(dir, "secret-text.db")
	if err := os.WriteFile(notDB, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	pg := pgtest.DSN(t)
	wrong := func(change func(*url.URL)) string {
		u, err := url.Parse(pg)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	closed := closedPort(t)
	tests := []struct {
		name, driver, dsn string
		code              fault.Code
		text              string
	}{
		{"unknown driver", "mysql", "secret-dsn", fault.Invalid, "sqlite3"},
		{"no dsn", sqlstore.SQLite, "", fault.Invalid, "must not be empty"},
		{"bad parameters", sqlstore.SQLite, "secret.db?a=%zz", fault.Invalid, "file name"},
		{"missing directory", sqlstore.SQLite, filepath.Join(dir, "secret-dir", "x.db"), fault.Unavailable, "create it"},
		{"missing directory in a URI", sqlstore.SQLite, "file://" + filepath.Join(dir, "secret%2Ddir", "x.db"), fault.Unavailable, "create it"},
		{"a directory", sqlstore.SQLite, dir, fault.Unavailable, "cannot be opened"},
		{"not a database", sqlstore.SQLite, notDB, fault.Internal, "restore a backup"},
		{"must exist", sqlstore.SQLite, "file:" + filepath.Join(dir, "secret-none.db") + "?mode=rw", fault.Unavailable, "cannot be opened"},
		{"gibberish", sqlstore.Postgres, "secret-gibberish", fault.Invalid, "must be a URL"},
		{"bad URL", sqlstore.Postgres, "postgres://u:secret%zz@h/d", fault.Invalid, "must be a URL"},
		{"bad port", sqlstore.Postgres, "postgres://u:secret@h:port/d", fault.Invalid, "must be a URL"},
		{"bad option", sqlstore.Postgres, "host=h password=secret sslmode=secretive", fault.Invalid, "spelled right"},
		{"unterminated", sqlstore.Postgres, "host=h password='secret", fault.Invalid, "must be a URL"},
		{"wrong password", sqlstore.Postgres, wrong(func(u *url.URL) { u.User = url.UserPassword("postgres", "secret") }),
			fault.Unavailable, "user or the password"},
		{"missing database", sqlstore.Postgres, wrong(func(u *url.URL) { u.Path = "/secret_name" }), fault.Unavailable, "does not exist"},
		{"no TLS", sqlstore.Postgres, wrong(func(u *url.URL) { u.RawQuery = "sslmode=require" }), fault.Unavailable, "sslmode=disable"},
		{"nobody listens", sqlstore.Postgres, wrong(func(u *url.URL) { u.Host = closed }), fault.Unavailable, "does not answer"},
		{"password in the name of the host", sqlstore.Postgres,
			"host=/tmp/password=secret/ password=secret dbname=d user=u sslmode=disable", fault.Unavailable, "does not answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			s, err := sqlstore.Open(ctx, sqlstore.Config{Driver: tt.driver, DSN: tt.dsn, BusyTimeout: time.Millisecond})
			if err == nil {
				s.Close()
			}
			wantFault(t, err, tt.code, tt.text)
			if !strings.Contains(err.Error(), "database_nflow.d") { // dsn or driver
				t.Errorf("%q does not say which setting to look at", err)
			}
			all := chain(err)
			password := ""
			if u, err := url.Parse(tt.dsn); err == nil && u.User != nil {
				password, _ = u.User.Password()
			}
			for _, secret := range []string{tt.dsn, password, "password=secret", ":secret"} {
				if len(secret) > 1 && strings.Contains(all, secret) {
					t.Errorf("%q leaks in:\n%s", secret, all)
				}
			}
		})
	}
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestConfigReportsEverything(t *testing.T) {
	_, err := sqlstore.Open(t.Context(), sqlstore.Config{
		MaxOpenConns: -1, MaxIdleConns: -1, ConnMaxLifetime: -1, BusyTimeout: -1,
	})
	for _, field := range []string{"driver", "dsn", "max_open_conns", "max_idle_conns", "conn_max_lifetime", "busy_timeout"} {
		if err == nil || !strings.Contains(err.Error(), "database_nflow."+field) {
			t.Errorf("%s is not in %v", field, err)
		}
	}
}

func TestReadOnlyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.db")
	open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: path}) // stays open, as a last close would remove the log
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: "file:" + path + "?mode=ro"})
	if _, err := s.Active(t.Context()); err != nil {
		t.Error(err)
	}
	_, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 0)
	wantFault(t, err, fault.Unavailable, "cannot publish the workflow", "read-only", "write permission")
	wantFault(t, s.PutTemplate(t.Context(), ports.Template{Name: "a"}), fault.Unavailable, "read-only")
}

// lockFile locks a SQLite file as another program would.
func lockFile(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	exec(t, db, "BEGIN EXCLUSIVE")
	return func() { exec(t, db, "COMMIT") }
}

func TestLockedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.db")
	unlockNew := lockFile(t, path)
	_, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: sqlstore.SQLite, DSN: path, BusyTimeout: 30 * time.Millisecond})
	wantFault(t, err, fault.Unavailable, "cannot open the database", "locked")
	unlockNew()

	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: path, BusyTimeout: 30 * time.Millisecond})
	patient := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: path, BusyTimeout: time.Minute})
	unlock := lockFile(t, path)
	_, err = s.Put(t.Context(), ports.Workflow{ID: "a"}, 0)
	wantFault(t, err, fault.Unavailable, "locked", "database_nflow.busy_timeout")
	if fault.As(err).RetryAfter == 0 {
		t.Error("no advice when to try again")
	}
	if _, err := s.Active(t.Context()); err != nil {
		t.Errorf("reading does not wait for a writer: %v", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = patient.Put(ctx, ports.Workflow{ID: "a"}, 0)
	wantFault(t, err, fault.Cancelled)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("waited %s for a context of 50 ms", took)
	}
	done := make(chan error)
	go func() {
		_, err := patient.Put(t.Context(), ports.Workflow{ID: "a"}, 0)
		done <- err
	}()
	time.Sleep(50 * time.Millisecond)
	unlock()
	if err := <-done; err != nil {
		t.Errorf("after the lock is gone: %v", err)
	}
}

func TestFileIsPrivateAndDurable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n 100%.db")
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: path + "?_sync=OFF&_journal=DELETE&_fk=0"})
	if err := s.PutTemplate(t.Context(), ports.Template{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, error %v; want a database and its log", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		if got := column(t, s.Writer(), "PRAGMA "+pragma); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %v, want %s", pragma, got, want)
		}
	}
}

func TestServerGoneAndBack(t *testing.T) {
	server := pgtest.Start(t)
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: server.DSN(t)})
	if _, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 0); err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	wantFault(t, s.Ping(t.Context()), fault.Unavailable)
	_, err := s.Workflow(t.Context(), "a", 0)
	wantFault(t, err, fault.Unavailable, "cannot read the workflow")
	_, err = s.Put(t.Context(), ports.Workflow{ID: "a"}, 1)
	wantFault(t, err, fault.Unavailable, "cannot publish the workflow")
	server.Restart(t)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping after the restart: %v", chain(err))
	}
	if n, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 1); n != 2 || err != nil {
		t.Errorf("put after the restart: %d %v", n, err)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		dsn := e.fresh(t)
		running := goleak.IgnoreCurrent()
		s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: e.driver, DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, s)
		useEverything(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		goleak.VerifyNone(t, running)
	})
}

func TestClosedStore(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: e.driver, DSN: e.fresh(t)})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		wantFault(t, s.Ping(t.Context()), fault.Unavailable)
	})
}

// TestNoConnectionLeft: the server lets only so many in.
func TestNoConnectionLeft(t *testing.T) {
	dsn := pgtest.DSN(t)
	db, err := sql.Open(sqlstore.Postgres, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec(t, db, "CREATE ROLE crowd LOGIN PASSWORD 'x' CONNECTION LIMIT 0")
	defer exec(t, db, "DROP ROLE crowd")
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("crowd", "x")
	_, err = sqlstore.Open(t.Context(), sqlstore.Config{Driver: sqlstore.Postgres, DSN: u.String()})
	wantFault(t, err, fault.Unavailable, "database_nflow.max_open_conns")
}
