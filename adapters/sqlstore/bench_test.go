package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// benchEngines are stores on both engines, with prepared statements and without.
func benchEngines(b *testing.B) map[string]*sqlstore.Store {
	b.Helper()
	all := make(map[string]*sqlstore.Store)
	for _, prepared := range []bool{false, true} {
		for driver, dsn := range map[string]string{
			sqlstore.SQLite: filepath.Join(b.TempDir(), "nflow.db"), sqlstore.Postgres: pgtest.DSN(b),
		} {
			s, err := sqlstore.Open(b.Context(), sqlstore.Config{Driver: driver, DSN: dsn, PreparedStatements: prepared})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { s.Close() })
			all[fmt.Sprintf("%s/prepared=%v", driver, prepared)] = s
		}
	}
	return all
}

// BenchmarkReadAndWrite says what prepared statements are worth.
func BenchmarkReadAndWrite(b *testing.B) {
	for name, s := range benchEngines(b) {
		session := ports.Session{Key: "k", Values: payload.EmptyObject(), Created: time.Unix(1e9, 0), Expires: time.Unix(4e9, 0)}
		version, err := s.SaveSession(b.Context(), session)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/read", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Session(b.Context(), "k", session.Created); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/write", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				session.Version = version
				if version, err = s.SaveSession(b.Context(), session); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
