//go:build unix

package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver behind sql.Open("postgres")
)

const superuser = "postgres"

// DSN creates an empty database and returns its URL, as lib/pq wants it. The
// database is dropped when the test ends, whoever is still connected.
func (s *Server) DSN(tb testing.TB) string {
	tb.Helper()
	name := "t_" + randomHex()
	if err := s.exec(context.Background(), "CREATE DATABASE "+name); err != nil {
		tb.Fatalf("pgtest: create database: %v", err)
	}
	tb.Cleanup(func() {
		if !s.wake() {
			return // goes with the server
		}
		if err := s.exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("pgtest: drop database: %v", err)
		}
	})
	return s.url(name)
}

func (s *Server) url(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, s.password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	if s.tls != nil {
		u.Host = net.JoinHostPort(tlsHost, strconv.Itoa(s.port))
		u.RawQuery = url.Values{"sslmode": {"verify-full"}, "sslrootcert": {s.tls.CA}}.Encode()
	}
	return u.String()
}

// exec runs one statement on a connection of its own.
func (s *Server) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("postgres", s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// awaitReady returns once the server answers a query.
func (s *Server) awaitReady(exited <-chan struct{}) error {
	deadline := time.Now().Add(startTimeout)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := s.exec(ctx, "SELECT 1")
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("postgres ended while starting: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("postgres did not answer within %s: %w", startTimeout, err)
		}
	}
}
