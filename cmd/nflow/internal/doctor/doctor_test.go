package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// want compares what a check said with the beginnings "status check: part".
func want(t *testing.T, f Findings, lines ...string) {
	t.Helper()
	if len(f) != len(lines) {
		t.Errorf("%d findings, want %d: %+v", len(f), len(lines), f)
		return
	}
	for i, line := range lines {
		head, part, _ := strings.Cut(line, ": ")
		got := f[i]
		if string(got.Status)+" "+got.Check != head || !strings.Contains(got.Detail, part) {
			t.Errorf("got %+v, want %s", got, line)
		}
		if (got.Status == OK) != (got.Advice == "") {
			t.Errorf("%+v: advice belongs to what can be mended", got)
		}
	}
}

func TestStore(t *testing.T) {
	folder := t.TempDir()
	good := filepath.Join(folder, "good.sqlite")
	s, err := wire.OpenStore(t.Context(), config.Store{Driver: sqlite, DSN: config.Secret(good)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text, empty := filepath.Join(folder, "text.sqlite"), filepath.Join(folder, "empty.sqlite")
	write(t, text, strings.Repeat("no database ", 500))
	write(t, empty, "")
	tests := []struct{ name, driver, dsn, want string }{
		{"memory", "memory", "", "warn database: everything is forgotten"},
		{"SQLite in memory", sqlite, ":memory:", "warn database: everything is forgotten"},
		{"good", sqlite, good, "ok database: schema up to date"},
		{"good, as a URL", sqlite, "file:" + good + "?_busy_timeout=5", "ok database: schema up to date"},
		{"missing", sqlite, filepath.Join(folder, "none.sqlite"), "warn database: does not exist"},
		{"no directory", sqlite, filepath.Join(folder, "none", "a.sqlite"), "fail database: no such file"},
		{"never migrated", sqlite, empty, "warn database: the schema lacks"},
		{"no database at all", sqlite, text, "fail database: "},
		{"nobody listens", postgres, "postgres://nobody:secret@127.0.0.1:1/x?connect_timeout=2", "fail database: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var f Findings
			store(t.Context(), Patient{Config: config.Config{Store: config.Store{Driver: tt.driver, DSN: config.Secret(tt.dsn), MaxOpenConns: 2, Query: "SELECT name,query FROM queries"}}}, &f)
			if tt.driver == postgres && len(f) == 2 {
				f = f[:1]
			}
			want(t, f, tt.want)
			if strings.Contains(f[0].Detail, "secret") {
				t.Errorf("it shows the password: %+v", f)
			}
		})
	}
	if left, _ := os.Stat(filepath.Join(folder, "none.sqlite")); left != nil {
		t.Error("it made a database")
	}
	if info, _ := os.Stat(empty); info == nil || info.Size() > 0 {
		t.Error("it wrote to a database")
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMachineMemory(t *testing.T) {
	reader := func(files map[string]string) func(string) ([]byte, error) {
		return func(name string) ([]byte, error) {
			if text, ok := files[name]; ok {
				return []byte(text), nil
			}
			return nil, errors.New("none")
		}
	}
	const meminfo, group = "/proc/meminfo", "/sys/fs/cgroup/memory.max"
	for name, tt := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nothing known": {nil, 0},
		"the machine":   {map[string]string{meminfo: "MemTotal:       1024 kB\nMemFree: 1 kB\n"}, 1 << 20},
		"no limit":      {map[string]string{meminfo: "MemTotal: 1024 kB", group: "max\n"}, 1 << 20},
		"a lower limit": {map[string]string{meminfo: "MemTotal: 1024 kB", group: "4096\n"}, 4096},
		"a higher one":  {map[string]string{meminfo: "MemTotal: 1024 kB", group: "99999999\n"}, 1 << 20},
	} {
		if got := machineMemory(reader(tt.files)); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestMemoryAndDescriptors(t *testing.T) {
	pool := config.VMPool{MaxSize: 100_000, MaxMemoryMB: 1 << 20, Isolation: "process"}
	var f Findings
	memory(t.Context(), Patient{Config: config.Config{VMPool: pool}}, &f)
	descriptors(t.Context(), Patient{Config: config.Config{VMPool: pool, Store: config.Store{MaxOpenConns: 1 << 40}}}, &f)
	want(t, f, "warn memory: 100000 scripts", "warn descriptors: may be needed")
	pool.MaxMemoryMB, f = 0, nil
	memory(t.Context(), Patient{Config: config.Config{VMPool: pool}}, &f)
	want(t, f, "warn memory: one script may take them all")
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	plain := filepath.Join(folder, "plain")
	write(t, plain, "")
	check := func(c config.VMPool) Findings {
		var f Findings
		files(t.Context(), Patient{Config: config.Config{VMPool: c}}, &f)
		return f
	}
	want(t, check(config.VMPool{FilesystemRoot: "/none", AllowedExecutables: []string{"/none"}}))
	want(t, check(config.VMPool{EnableFilesystem: true, FilesystemRoot: folder}), "ok files of scripts: "+folder)
	want(t, check(config.VMPool{EnableFilesystem: true, FilesystemRoot: plain}), "fail files of scripts: is no directory")
	want(t, check(config.VMPool{EnableFilesystem: true, FilesystemRoot: folder + "/none"}), "fail files of scripts: no such file")
	want(t, check(config.VMPool{EnableProcess: true, AllowedExecutables: []string{"/bin/sh", plain, "/none"}}),
		"ok program: /bin/sh", "fail program: is not executable", "fail program: no such file")
}

func TestCertificate(t *testing.T) {
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		from, to time.Duration
		want     string
	}{
		"good":    {-day, 100 * day, "ok certificate: is good until"},
		"ending":  {-day, 3 * day, "warn certificate: ends on"},
		"ended":   {-2 * day, -day, "fail certificate: ended on"},
		"not yet": {day, 100 * day, "fail certificate: begins on"},
	} {
		t.Run(name, func(t *testing.T) {
			server := config.Server{TLSCert: filepath.Join(t.TempDir(), "cert.pem"), TLSKey: filepath.Join(t.TempDir(), "key.pem")}
			makePair(t, server, time.Now().Add(tt.from), time.Now().Add(tt.to))
			var f Findings
			certificate(t.Context(), Patient{Config: config.Config{Server: server}}, &f)
			want(t, f, tt.want)
		})
	}
	var f Findings
	certificate(t.Context(), Patient{}, &f)
	certificate(t.Context(), Patient{Config: config.Config{Server: config.Server{TLSCert: "/none", TLSKey: "/none"}}}, &f)
	want(t, f, "ok certificate: plain HTTP", "fail certificate: /none")
}

func makePair(t *testing.T, s config.Server, from, to time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.TLSCert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, s.TLSKey, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}

// postman is a mailer that can be checked.
type postman struct {
	noMailer
	err error
}

func (p postman) Check(context.Context) error { return p.err }

func TestMailAndEngine(t *testing.T) {
	on := config.Config{Mail: config.Mail{Enabled: true, SMTPHost: "mail.example.com"}}
	var f Findings
	mailServer(t.Context(), Patient{}, &f)
	mailServer(t.Context(), Patient{Config: on, Mailer: postman{}}, &f)
	mailServer(t.Context(), Patient{Config: on, Mailer: postman{err: errors.New("no")}}, &f)
	want(t, f, "ok mail: switched off", "ok mail: mail.example.com lets us in", "fail mail: mail.example.com: no")

	f = nil
	apart := config.Config{VMPool: config.VMPool{Isolation: "process"}}
	engine(t.Context(), Patient{EngineFault: errors.New("no processes")}, &f)
	engine(t.Context(), Patient{Config: config.Config{VMPool: config.VMPool{Isolation: "in_process"}}, Sandbox: func() (map[string]string, error) {
		return map[string]string{"isolation": "off: scripts run in this process"}, nil
	}}, &f)
	engine(t.Context(), Patient{Config: apart, Sandbox: func() (map[string]string, error) { return map[string]string{"isolation": "ok"}, nil }}, &f)
	engine(t.Context(), Patient{Config: apart, Sandbox: func() (map[string]string, error) {
		return map[string]string{"isolation": "incomplete: missing landlock"}, nil
	}}, &f)
	want(t, f, "fail scripts: no processes", "warn scripts: inside the server", "ok scripts: child processes", "ok hardening: isolation: ok",
		"ok scripts: child processes", "warn hardening: missing landlock")
}

func TestWrite(t *testing.T) {
	var f Findings
	f.ok("one", "fine")
	f.warn("two", "do this", "not %s", "fine")
	f.fail("three", "do that", "bad")
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	const lines = "ok    one                fine\nwarn  two                not fine; do this\nfail  three              bad; do that\n1 ok, 1 warnings, 1 failures\n"
	if b.String() != lines {
		t.Errorf("got\n%s", b.String())
	}
}

// noMailer sends nothing.
type noMailer struct{}

func (noMailer) Send(context.Context, node.MailRequest) error { return errors.New("nobody asked") }
