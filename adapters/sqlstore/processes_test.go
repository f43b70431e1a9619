package sqlstore_test

import (
	"fmt"
	"os"
	child "os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const newcomerVariable = "NFLOW_TEST_NEWCOMER" // driver and data source name

// TestNewcomer is a process that opens a database when it is told to.
func TestNewcomer(t *testing.T) {
	driver, dsn, told := strings.Cut(os.Getenv(newcomerVariable), " ")
	if !told {
		return // an ordinary run of the tests
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1)) // until it is closed
	s := open(t, sqlstore.Config{Driver: driver, DSN: dsn, MaxOpenConns: 2})
	if _, err := s.Put(t.Context(), ports.Workflow{ID: fmt.Sprint("w", os.Getpid())}, 0); err != nil {
		t.Fatal(chain(err))
	}
}

// TestTenProcessesOpenAtOnce is TestTenOpenAtOnce with nothing shared but the
// database.
func TestTenProcessesOpenAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		dsn := e.fresh(t)
		all := make([]*child.Cmd, 10)
		starts := make([]func() error, len(all))
		said := make([]strings.Builder, len(all))
		for i := range all {
			cmd := child.CommandContext(t.Context(), self, "-test.run=^TestNewcomer$")
			cmd.Env = append(os.Environ(), newcomerVariable+"="+e.driver+" "+dsn)
			cmd.Stderr = &said[i]
			in, errIn := cmd.StdinPipe()
			out, errOut := cmd.StdoutPipe()
			if errIn != nil || errOut != nil {
				t.Fatal(errIn, errOut)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fscanln(out, new(string)); err != nil {
				t.Fatal(err)
			}
			all[i], starts[i] = cmd, in.Close
		}
		for _, start := range starts {
			if err := start(); err != nil {
				t.Error(err)
			}
		}
		for i, cmd := range all {
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v %s", i, err, said[i].String())
			}
		}
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: dsn})
		versions := column(t, s.Writer(), "SELECT version_id FROM nf_migrations ORDER BY id")
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, versions); diff != "" {
			t.Errorf("applied (-want +got):\n%s", diff)
		}
		if heads, now, err := s.ChangedSince(t.Context(), 0); len(heads) != len(all) || now != int64(len(all)) || err != nil {
			t.Errorf("%d workflows, revision %d, %v", len(heads), now, err)
		}
	})
}
