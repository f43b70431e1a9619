//go:build unix

package e2e

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// output is what a process writes, readable while it writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// tail is the end of a long log.
func tail(s string) string { return s[max(0, len(s)-4000):] }

// wantLog waits for a text in the log.
func (p *process) wantLog(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(p.stderr.String(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the log has no %q:\n%s", text, tail(p.stderr.String()))
		}
	}
}
