package sqlstore_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a store and PostgreSQL. It looks for texts in what the
// store sends, message by message, and breaks connections.
type proxy struct {
	dsn    string
	server string

	mu      sync.Mutex
	at      string // the text that breaks a connection
	after   bool   // pass it on, wait for the answer, and keep that
	once    bool
	refused string // the parameter it refuses at the beginning
	said    bytes.Buffer
}

func newProxy(t *testing.T, dsn string) *proxy {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{server: u.Host}
	u.Host = listener.Addr().String()
	p.dsn = u.String()
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { listener.Close() })
	serving.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(c) })
		}
	})
	return p
}

func (p *proxy) breakAt(text string, after bool) { p.set(text, after, false) }
func (p *proxy) breakOnce(text string)           { p.set(text, false, true) }
func (p *proxy) heal()                           { p.set("", false, false) }

func (p *proxy) set(text string, after, once bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.after, p.once = text, after, once
}

func (p *proxy) refuse(parameter string) { p.refused = parameter }

// seen counts a text in everything that was said.
func (p *proxy) seen(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Count(p.said.String(), text)
}

// verdict notes a message and says what to do with it.
func (p *proxy) verdict(message []byte) (breaks, after bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said.Write(message)
	breaks = p.at != "" && bytes.Contains(message, []byte(p.at))
	after = p.after
	if breaks && p.once {
		p.at = ""
	}
	return breaks, after
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.greet(client, server) {
		return
	}
	var keep atomic.Bool // the next answer does not pass
	var back sync.WaitGroup
	back.Go(func() {
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if err != nil || keep.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	})
	if p.forward(client, server, &keep) {
		server.Close()
	}
	back.Wait()
}

// forward passes on what the client says, until the connection is to break. It
// gives false when the last answer is still to come.
func (p *proxy) forward(client io.Reader, server io.Writer, keep *atomic.Bool) bool {
	for {
		message, err := readMessage(client)
		if err != nil {
			return true
		}
		breaks, after := p.verdict(message)
		if breaks && !after {
			return true
		}
		keep.Store(breaks)
		if _, err := server.Write(message); err != nil || breaks {
			return err != nil
		}
	}
}

// greet passes the first message on, unless it asks for what is refused.
func (p *proxy) greet(client, server net.Conn) bool {
	head := make([]byte, 4)
	if _, err := io.ReadFull(client, head); err != nil {
		return false
	}
	rest := make([]byte, binary.BigEndian.Uint32(head)-4)
	if _, err := io.ReadFull(client, rest); err != nil {
		return false
	}
	if p.refused != "" && bytes.Contains(rest, []byte(p.refused)) {
		text := "SFATAL\x00C08P01\x00Munsupported startup parameter: " + p.refused + "\x00\x00"
		_, _ = client.Write(append(binary.BigEndian.AppendUint32([]byte("E"), uint32(len(text)+4)), text...))
		return false
	}
	_, err := server.Write(append(head, rest...))
	return err == nil
}

// readMessage reads a type, a length and as many bytes.
func readMessage(from io.Reader) ([]byte, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	message := make([]byte, 1+binary.BigEndian.Uint32(head[1:]))
	copy(message, head)
	_, err := io.ReadFull(from, message[5:])
	return message, err
}
