package cli

import (
	"io"
	"os"
	"time"
)

// progress is one line on a terminal that tells how far something is. Where
// nobody looks it says nothing.
type progress struct {
	w    io.Writer // nil = nobody looks
	what string
	last time.Time
}

// progressEvery is how often the line changes.
const progressEvery = 100 * time.Millisecond

func (s *session) newProgress(what string) *progress {
	p := &progress{what: what}
	if f, ok := s.Stderr.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.w = f
		}
	}
	return p
}

// pages tells that so many are done, of so many.
func (p *progress) pages(done, total int) {
	if p.w == nil || total == 0 || time.Since(p.last) < progressEvery {
		return
	}
	p.last = time.Now()
	say(p.w, "\r%s %d%%", p.what, int64(done)*100/int64(total))
}

// end clears the line.
func (p *progress) end() {
	if p.w != nil && !p.last.IsZero() {
		say(p.w, "\r\x1b[K")
	}
}
