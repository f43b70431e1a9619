//go:build unix

package e2e

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"
)

// TestHangUpCancelsTheRun leaves while a script sleeps.
func TestHangUpCancelsTheRun(t *testing.T) {
	p := serve(t, t.TempDir(), "")
	p.publish("slow", "console.log('asleep'); sleep(25000); console.log('awake'); return 'late';")
	ctx, hangUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	r := request(t, http.MethodGet, p.base+"/slow", nil).WithContext(ctx)
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = answer.Body.Close()
		}
		gone <- err
	}()
	p.wantLog("asleep")
	hangUp()
	if err := <-gone; err == nil {
		t.Fatal("the run answered before the client left")
	}
	left := time.Now()
	for len(p.runs("workflow=slow")) == 0 {
		if time.Since(left) > patience {
			t.Fatalf("no record of the run:\n%s", tail(p.stderr.String()))
		}
		time.Sleep(20 * time.Millisecond)
	}
	if got := p.runs("workflow=slow"); got[0].Status != "cancelled" {
		t.Errorf("the record says %+v, want cancelled", got[0])
	}
	if took := time.Since(left); took > 5*time.Second {
		t.Errorf("the run ended %s after its client left", took)
	}
	p.stop()
}

// zeros is a body of so many bytes.
type zeros struct{ left int }

func (z *zeros) Read(b []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(len(b), z.left)
	for i := range b[:n] {
		b[i] = '0'
	}
	z.left -= n
	return n, nil
}

func TestHugeBodyIsRefused(t *testing.T) {
	p := serve(t, t.TempDir(), "")
	p.publish("size", "return { got: Object.keys(payload).length };")
	const size = 50 << 20
	for _, path := range []string{"/size", "/api/workflow/size", "/nowhere"} {
		for _, told := range []bool{true, false} { // with Content-Length and chunked
			r := adminRequest(t, http.MethodPost, p.base+path, "")
			r.Body, r.ContentLength = io.NopCloser(&zeros{left: size}), -1
			if told {
				r.ContentLength = size
			}
			r.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatalf("%s, length told %v: %v", path, told, err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s, length told %v: status %d, want 413", path, told, answer.StatusCode)
			}
		}
	}
	b := newBrowser(t, p.base)
	b.get("/health").want(http.StatusOK, "")
	b.get("/size").want(http.StatusOK, "got")
	p.stop()
}
