//go:build unix

package redistest

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Do sends one command on a connection of its own and returns the answer, that of
// an array as lines. The test fails when the server does not know what to do.
func (s *Server) Do(tb testing.TB, args ...string) string {
	tb.Helper()
	answer, err := s.Try(tb.Context(), args...)
	if err != nil {
		tb.Fatalf("redistest: %s: %v", strings.Join(args, " "), err)
	}
	return answer
}

// Try is Do with an error.
func (s *Server) Try(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	r := bufio.NewReader(conn)
	if _, err := io.WriteString(conn, encode("AUTH", s.password)+encode(args...)); err != nil {
		return "", err
	}
	if _, err := decode(r); err != nil {
		return "", err
	}
	return decode(r)
}

func (s *Server) dial(ctx context.Context) (net.Conn, error) {
	if s.certs == nil {
		return new(net.Dialer).DialContext(ctx, "tcp", s.Addr())
	}
	return (&tls.Dialer{Config: s.certs.client}).DialContext(ctx, "tcp", s.Addr())
}

func encode(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, arg := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(arg), arg)
	}
	return b.String()
}

// decode reads one answer.
func decode(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return "", errors.New("an empty answer")
	}
	kind, rest := line[0], line[1:]
	if kind == '-' {
		return "", errors.New(rest)
	}
	if kind != '$' && kind != '*' {
		return rest, nil
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < 0 {
		return "", err // nothing is the empty text
	}
	if kind == '$' {
		text := make([]byte, n+2)
		_, err := io.ReadFull(r, text)
		return string(text[:n]), err
	}
	items := make([]string, n)
	for i := range items {
		if items[i], err = decode(r); err != nil {
			return "", err
		}
	}
	return strings.Join(items, "\n"), nil
}

// fatal is an error that waiting does not mend.
type fatal struct{ error }

// poll calls fn until it succeeds.
func poll(atMost time.Duration, fn func() error) error {
	end := time.Now().Add(atMost)
	for {
		err := fn()
		if err == nil || errors.As(err, &fatal{}) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("not within %s: %w", atMost, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
