//go:build unix

package database_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/database"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

const secret = "hunter2"

func TestNewFindsEveryFault(t *testing.T) {
	_, err := database.New(map[string]database.Target{
		"a":  {Driver: "mysql", DSN: secret},
		"b":  {Driver: "postgres", DSN: " "},
		"c":  {Driver: "postgres", DSN: "postgres://u:" + secret + "@host:port/x"},
		"d":  {Driver: "postgres", DSN: "host=x password=" + secret + " sslmode=" + secret},
		"ok": {Driver: "sqlite3", DSN: ":memory:"},
	}, database.Config{})
	if err == nil {
		t.Fatal("no fault")
	}
	for _, field := range []string{"databases.a.driver", "databases.b.dsn", "databases.c.dsn", "databases.d.dsn"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("nothing about %s in %v", field, err)
		}
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
		t.Errorf("shows a secret: %v", err)
	}
}

func TestUnknownNames(t *testing.T) {
	d := open(t, sqlite, database.Config{})
	_, err := d.Query(t.Context(), node.QueryRequest{Database: "other", Statements: []node.Statement{{Query: "SELECT 1"}}})
	if f := wantFault(t, err, fault.NotFound, ""); !strings.Contains(f.Message, "the configured ones are main") {
		t.Error(f)
	}
	none, err := database.New(nil, database.Config{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = none.Query(t.Context(), node.QueryRequest{Database: "other"})
	if f := wantFault(t, err, fault.NotFound, ""); !strings.Contains(f.Message, "none is configured") || len(none.Names()) != 0 {
		t.Error(f)
	}
}

func TestNamesAreSorted(t *testing.T) {
	d, err := database.New(map[string]database.Target{"b": {Driver: sqlite, DSN: ":memory:"}, "a": {Driver: sqlite, DSN: ":memory:"}}, database.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := strings.Join(d.Names(), " "); got != "a b" {
		t.Errorf("got %s", got)
	}
}

func TestUnreachableDatabasesKeepTheirSecrets(t *testing.T) {
	hanging, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	garbage := filepath.Join(t.TempDir(), secret)
	if err := os.WriteFile(garbage, []byte(strings.Repeat("garbage", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	good := pgtest.DSN(t)
	for name, target := range map[string]database.Target{
		"nobody listens":   {Driver: postgres, DSN: "postgres://u:" + secret + "@" + closed.Addr().String() + "/" + secret + "?sslmode=disable"},
		"never answers":    {Driver: postgres, DSN: "postgres://u:" + secret + "@" + hanging.Addr().String() + "/" + secret + "?sslmode=disable"},
		"wrong password":   {Driver: postgres, DSN: strings.Replace(good, "@", secret+"@", 1)},
		"no such database": {Driver: postgres, DSN: good[:strings.LastIndex(good, "/")] + "/" + secret + "?sslmode=disable"},
		"no tls":           {Driver: postgres, DSN: strings.Replace(good, "sslmode=disable", "sslmode=require", 1)},
		"no such folder":   {Driver: sqlite, DSN: "file:" + filepath.Join(t.TempDir(), secret, "x")},
		"not a database":   {Driver: sqlite, DSN: "file:" + garbage},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := database.New(map[string]database.Target{"main": target}, database.Config{ConnectTimeout: 500 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			started := time.Now()
			_, f := query(t, d, node.Rows, `SELECT * FROM sqlite_master`)
			if f == nil || f.Code != fault.Upstream || !strings.Contains(f.Message, `the database "main"`) || strings.Contains(f.Message, secret) {
				t.Errorf("got %v (%s)", f, fault.CodeOf(f))
			}
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestServiceResumesWhenTheServerComesBack(t *testing.T) {
	s := pgtest.Start(t)
	d, err := database.New(map[string]database.Target{"main": {Driver: postgres, DSN: s.DSN(t)}}, database.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	must(t, d, node.Row, `SELECT 1 AS a`)
	s.Stop(t)
	_, f := query(t, d, node.Row, `SELECT 1 AS a`)
	wantFault(t, f, fault.Upstream, "")
	s.Restart(t)
	must(t, d, node.Row, `SELECT 1 AS a`)
}

func TestMemoryDatabasesAreOne(t *testing.T) {
	d, err := database.New(map[string]database.Target{"main": {Driver: sqlite, DSN: ":memory:", MaxOpenConns: 5, ConnMaxLifetime: time.Nanosecond, IdleTimeout: time.Nanosecond}}, database.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	must(t, d, node.Exec, `CREATE TABLE t (a)`)
	for range 3 {
		must(t, d, node.Rows, `SELECT * FROM t`)
	}
}

func TestOtherFilesCannotBeReached(t *testing.T) {
	d := open(t, sqlite, database.Config{})
	target := filepath.Join(t.TempDir(), "x")
	for _, sql := range []string{
		`ATTACH DATABASE '` + target + `' AS x`, `VACUUM INTO '` + target + `'`, `EXPLAIN ATTACH DATABASE '` + target + `' AS x`,
		`SELECT load_extension('` + target + `')`, `SELECT writefile('` + target + `', 'x')`,
	} {
		if got, f := query(t, d, node.Rows, sql); f == nil && !strings.HasPrefix(sql, "EXPLAIN") {
			t.Errorf("%s gave %s", sql, got)
		}
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("a file was made")
	}
}

func TestNothingRunsAfterClose(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, engine := range []string{sqlite, postgres} {
		d, err := database.New(map[string]database.Target{"main": {Driver: engine, DSN: dsn(t, engine)}}, database.Config{StatementTimeout: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		must(t, d, node.Row, `SELECT 1 AS a`)
		_, _ = query(t, d, node.Rows, series, `100000000`)
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}
