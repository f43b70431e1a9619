package worker

import (
	"strings"
	"sync"
)

// tail keeps the first and the last bytes of what a process wrote to standard
// error: the runtime names the cause of death at the top.
type tail struct {
	mu   sync.Mutex
	head []byte
	last []byte
}

const tailBytes = 2 << 10

// Write keeps what fits and never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if room := tailBytes - len(t.head); room > 0 {
		taken := min(room, len(p))
		t.head = append(t.head, p[:taken]...)
		p = p[taken:]
	}
	t.last = append(t.last, p...)
	if extra := len(t.last) - tailBytes; extra > 0 {
		t.last = append(t.last[:0], t.last[extra:]...)
	}
	return n, nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(string(t.head)+string(t.last), "?")
}
