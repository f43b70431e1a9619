//go:build unix

package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// browser does what a visitor's browser does: it keeps cookies, follows
// redirects and submits forms.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	cookie *http.Cookie // the last session cookie that was set, with its flags
}

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, base: base}
	b.client = &http.Client{Jar: jar, Transport: watchCookies{b}, Timeout: patience}
	t.Cleanup(b.client.CloseIdleConnections)
	return b
}

// watchCookies notes the cookies of every answer, redirects included.
type watchCookies struct{ b *browser }

func (w watchCookies) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		for _, c := range answer.Cookies() {
			w.b.cookie = c
		}
	}
	return answer, err
}

// page is what a browser shows.
type page struct {
	b      *browser
	at     *url.URL
	status int
	header http.Header
	body   string
}

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{b: b, at: answer.Request.URL, status: answer.StatusCode, header: answer.Header, body: string(body)}
}

func (b *browser) get(path string) page {
	b.t.Helper()
	return b.do(request(b.t, http.MethodGet, b.base+path, nil))
}

func (b *browser) post(path string, fields url.Values) page {
	b.t.Helper()
	r := request(b.t, http.MethodPost, b.base+path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func request(t *testing.T, method, address string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// want checks status and text of a page.
func (p page) want(status int, text string) page {
	p.b.t.Helper()
	if p.status != status || !strings.Contains(p.body, text) {
		p.b.t.Fatalf("%s: status %d, want %d with %q:\n%s", p.at, p.status, status, text, p.body)
	}
	return p
}

// wantPath checks where the redirects led.
func (p page) wantPath(path string) page {
	p.b.t.Helper()
	if p.at.Path != path {
		p.b.t.Fatalf("the browser is at %s, want %s:\n%s", p.at, path, p.body)
	}
	return p
}
