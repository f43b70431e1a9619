//go:build unix

package pgtest_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// victim makes this test binary play the process that is killed.
const victim = "PGTEST_VICTIM"

func TestKilledProcessLeavesNothing(t *testing.T) {
	if os.Getenv(victim) != "" {
		server := pgtest.Start(t)
		fmt.Printf("server %s %s\n", server.Dir(), server.DSN(t))
		select {} // until killed
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), victim+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var dir, dsn string
	for lines := bufio.NewScanner(out); dsn == "" && lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "server "); ok {
			dir, dsn, _ = strings.Cut(rest, " ")
		}
	}
	if dsn == "" {
		t.Fatal("the victim started no server")
	}
	if err := ping(t, dsn); err != nil {
		t.Fatal(err)
	}

	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%s is still there", dir)
		}
	}
	if err := ping(t, dsn); err == nil {
		t.Error("the server still answers")
	}
}

func ping(t *testing.T, dsn string) error {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return db.PingContext(ctx)
}
