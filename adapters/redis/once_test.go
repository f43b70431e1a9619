package redis_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// faker plays a server that breaks the connection instead of answering, after it
// did what it was told. It counts what it was told.
type faker struct {
	listener net.Listener
	answer   map[string]string // instead of breaking the connection, by command
	mu       sync.Mutex
	told     map[string]int
}

func startFaker(t *testing.T, answer map[string]string) *faker {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	f := &faker{listener: listener, answer: answer, told: map[string]int{}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { f.serve(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); wg.Wait() })
	return f
}

func (f *faker) serve(conn net.Conn) {
	defer conn.Close()
	port := f.listener.Addr().(*net.TCPAddr).Port
	r := bufio.NewReader(conn)
	for {
		args, err := readCommand(r)
		if err != nil {
			return
		}
		command := strings.ToLower(args[0])
		answer, known := f.answer[command]
		switch command {
		case "hello":
			answer = "-ERR unknown command\r\n"
		case "cluster":
			answer = fmt.Sprintf("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n", port)
		case "command":
			answer = "*0\r\n"
		default:
			f.mu.Lock()
			f.told[command]++
			f.mu.Unlock()
			if !known {
				return
			}
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}

func (f *faker) count(command string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told[command]
}

func readCommand(r *bufio.Reader) ([]string, error) {
	number := func() (int, error) {
		line, err := r.ReadString('\n')
		if err != nil || len(line) < 2 {
			return 0, io.ErrUnexpectedEOF
		}
		return strconv.Atoi(strings.TrimSpace(line[1:]))
	}
	n, err := number()
	if err != nil || n < 1 {
		return nil, io.ErrUnexpectedEOF
	}
	args := make([]string, n)
	for i := range args {
		size, err := number()
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, err
		}
		args[i] = string(text[:size])
	}
	return args, nil
}

// TestOnce: what must not be done twice is not sent twice when the answer is lost,
// neither by us nor by go-redis; other things are.
func TestOnce(t *testing.T) {
	for _, cluster := range []bool{false, true} {
		for _, tt := range []struct {
			name    string
			command string
			call    func(t *testing.T, c *redis.Client) error
			most    int
		}{
			{"count", "evalsha", func(t *testing.T, c *redis.Client) error {
				_, err := c.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
				return err
			}, 1},
			{"save a session", "evalsha", func(t *testing.T, c *redis.Client) error {
				_, err := c.SaveSession(t.Context(), ports.Session{Key: "k", Values: payload.EmptyObject()})
				return err
			}, 1},
			{"delete fields", "hdel", func(t *testing.T, c *redis.Client) error {
				_, err := c.DeleteFields(t.Context(), "k", []string{"f"})
				return err
			}, 1},
			{"end a hash", "del", func(t *testing.T, c *redis.Client) error {
				_, err := c.ExpireHash(t.Context(), "k", 0)
				return err
			}, 1},
			{"read", "get", func(t *testing.T, c *redis.Client) error {
				_, _, err := c.Cached(t.Context(), "k")
				return err
			}, 100},
			{"keep a copy", "set", func(t *testing.T, c *redis.Client) error {
				return c.PutCached(t.Context(), "k", nil, time.Hour)
			}, 100},
		} {
			t.Run(fmt.Sprintf("%s, cluster %v", tt.name, cluster), func(t *testing.T) {
				f := startFaker(t, nil)
				client := open(t, redis.Config{
					Addresses: []string{f.listener.Addr().String()}, Cluster: cluster, MaxRetries: 2, Timeout: 5 * time.Second,
				})
				fails(t, tt.call(t, client), fault.Unavailable, "broke the connection")
				n := f.count(tt.command)
				if tt.most == 1 && n != 1 {
					t.Errorf("%s was sent %d times", tt.command, n)
				}
				if tt.most > 1 && n < 3 {
					t.Errorf("%s was sent %d times, want two more tries", tt.command, n)
				}
			})
		}
	}
}

// TestTriedAgain: a server that refuses to begin has done nothing, so even what
// must be done once is tried again.
func TestTriedAgain(t *testing.T) {
	for _, reply := range []string{"LOADING Redis is loading", "READONLY You can't write", "CLUSTERDOWN The cluster is down", "BUSY a script"} {
		t.Run(reply, func(t *testing.T) {
			f := startFaker(t, map[string]string{"evalsha": "-" + reply + "\r\n"})
			client := open(t, redis.Config{Addresses: []string{f.listener.Addr().String()}, MaxRetries: 2, Timeout: 5 * time.Second})
			_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
			fails(t, err, fault.Unavailable, "cannot count the request")
			if n := f.count("evalsha"); n != 3 {
				t.Errorf("sent %d times, want 3", n)
			}
		})
	}
	t.Run("no such script", func(t *testing.T) {
		f := startFaker(t, map[string]string{"evalsha": "-NOSCRIPT No matching script.\r\n"})
		client := open(t, redis.Config{Addresses: []string{f.listener.Addr().String()}, MaxRetries: 2, Timeout: 5 * time.Second})
		_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
		fails(t, err, fault.Unavailable, "broke the connection")
		if n, m := f.count("evalsha"), f.count("eval"); n != 1 || m != 1 {
			t.Errorf("evalsha was sent %d times, eval %d times", n, m)
		}
	})
	t.Run("strange answers", func(t *testing.T) {
		for _, answer := range []string{":7\r\n", "*1\r\n:7\r\n", "*2\r\n:7\r\n$1\r\nx\r\n", "$-1\r\n", "+OK\r\n", "*-1\r\n"} {
			f := startFaker(t, map[string]string{"evalsha": answer})
			client := open(t, redis.Config{Addresses: []string{f.listener.Addr().String()}, Timeout: 5 * time.Second})
			_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
			fails(t, err, fault.Internal, "")
		}
	})
}
