package egress_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/egress"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func TestRequestArrivesAsWritten(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Add("X-Two", "1")
		w.Header().Add("X-Two", "2")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s|%s|%s|%s|%d", r.Method, r.URL, r.Host, r.UserAgent(), r.Header["X-A"], body, r.ContentLength)
	})
	r, err := local(t).Do(t.Context(), node.HTTPRequest{
		Method: "post", URL: s.URL + "/a%2Fb?q=1&r=%20#fragment", Body: []byte("hello"),
		Header: []node.Header{{Name: "x-a", Value: "1"}, {Name: "X-A", Value: "é"}, {Name: "host", Value: "other.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "POST /a%2Fb?q=1&r=%20 other.example|nflow-runtime|[1 é]|hello|5"; string(r.Body) != want {
		t.Errorf("got  %s\nwant %s", r.Body, want)
	}
	if r.Status != 418 || r.Reason != "I'm a teapot" {
		t.Errorf("status %d %s", r.Status, r.Reason)
	}
	var two []string
	for _, h := range r.Header {
		if h.Name == "X-Two" {
			two = append(two, h.Value)
		}
	}
	if strings.Join(two, ",") != "1,2" {
		t.Errorf("X-Two: %v", two)
	}
}

func TestBadRequestsAreRefusedWithoutShowingSecrets(t *testing.T) {
	const secret = "hunter2"
	c := local(t)
	for name, r := range map[string]node.HTTPRequest{
		"no url":           get(""),
		"relative":         get("/path?key=" + secret),
		"other scheme":     get("ftp://u:" + secret + "@127.0.0.1/"),
		"file":             get("file:///etc/" + secret),
		"no host":          get("http:///" + secret),
		"bad port":         get("http://127.0.0.1:" + secret),
		"bad userinfo":     get("http://a:" + secret + "\x01@127.0.0.1"),
		"bad escape":       get("http://127.0.0.1/%zz?" + secret),
		"space in host":    get("http://127.0.0.1 " + secret),
		"method":           {Method: "GET " + "/", URL: "http://127.0.0.1"},
		"connect":          {Method: "CONNECT", URL: "http://127.0.0.1"},
		"header name":      {URL: "http://127.0.0.1", Header: []node.Header{{Name: "X Y", Value: secret}}},
		"header injection": {URL: "http://127.0.0.1", Header: []node.Header{{Name: "X-Y", Value: secret + "\r\nX: y"}}},
		"empty header":     {URL: "http://127.0.0.1", Header: []node.Header{{Name: "", Value: secret}}},
		"host injection":   {URL: "http://127.0.0.1", Header: []node.Header{{Name: "Host", Value: "a\r\nX: y"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Do(t.Context(), r)
			f := wantCode(t, err, fault.Invalid)
			if strings.Contains(fmt.Sprintf("%v %+v", f, f), secret) {
				t.Errorf("shows a secret: %v", err)
			}
		})
	}
}

func TestFaultsShowNoSecrets(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	url := strings.Replace(s.URL, "http://", "http://bob:hunter2@", 1) + "/hunter2?key=hunter2"
	_, err := local(t).Do(t.Context(), get(url))
	f := wantCode(t, err, fault.Upstream)
	for cause := error(f); cause != nil; cause = unwrap(cause) {
		if strings.Contains(cause.Error(), "hunter2") {
			t.Errorf("shows a secret: %v", cause)
		}
	}
	if want := s.URL + " closed the connection before it had answered"; f.Message != want {
		t.Errorf("got %q, want %q", f.Message, want)
	}
}

func unwrap(err error) error {
	u, ok := err.(interface{ Unwrap() error })
	if !ok {
		return nil
	}
	return u.Unwrap()
}

func TestBodyIsBoundedAfterDecompression(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(bytes.Repeat([]byte("x"), 1<<20))
	_ = z.Close()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gzip":
			if r.Header.Get("Accept-Encoding") != "gzip" {
				t.Error("gzip was not asked for")
			}
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped.Bytes())
		case "/announced":
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write([]byte("x"))
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
		}
	})
	c := local(t)
	r, err := c.Do(t.Context(), node.HTTPRequest{URL: s.URL + "/gzip", MaxBytes: 1 << 20})
	if err != nil || len(r.Body) != 1<<20 || headerOf(r, "Content-Encoding") != "" {
		t.Errorf("%d bytes, %v, %v", len(r.Body), r.Header, err)
	}
	for _, path := range []string{"/gzip", "/announced", "/endless"} {
		t.Run(path, func(t *testing.T) {
			_, err := c.Do(t.Context(), node.HTTPRequest{URL: s.URL + path, MaxBytes: 1<<20 - 1, Retries: 3})
			if path == "/announced" {
				_, err = c.Do(t.Context(), node.HTTPRequest{URL: s.URL + path, MaxBytes: 1000})
			}
			if f := wantCode(t, err, fault.LimitExceeded); f.Limit != "limits.max_response_bytes" {
				t.Errorf("limit %q", f.Limit)
			}
		})
	}
	if _, err := c.Do(t.Context(), node.HTTPRequest{Method: "HEAD", URL: s.URL + "/announced", MaxBytes: 10}); err != nil {
		t.Errorf("HEAD has no body to bound: %v", err)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), 10_000)) })
	c := local(t)
	reused := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if i.Reused {
			reused++
		}
	}})
	for range 5 {
		if _, err := c.Do(ctx, get(s.URL)); err != nil {
			t.Fatal(err)
		}
	}
	if reused != 4 {
		t.Errorf("%d of 4 connections were used again", reused)
	}
}

func TestSecretsStayWithTheirOrigin(t *testing.T) {
	var seen []string
	note := func(r *http.Request) {
		seen = append(seen, fmt.Sprintf("%s:%t%t%t%t", r.URL.Path, r.Header.Get("Authorization") != "", r.Header.Get("Cookie") != "", r.Header.Get("Referer") != "", r.Header.Get("X-Plain") != ""))
	}
	var first, second string
	h := func(w http.ResponseWriter, r *http.Request) {
		note(r)
		switch r.URL.Path {
		case "/start":
			http.Redirect(w, r, first+"/same", http.StatusTemporaryRedirect)
		case "/same":
			http.Redirect(w, r, second+"/other", http.StatusFound)
		case "/other":
			http.Redirect(w, r, first+"/back", http.StatusFound)
		}
	}
	first = serve(t, h).URL
	second = serve(t, h).URL
	_, err := local(t).Do(t.Context(), node.HTTPRequest{URL: first + "/start?key=secret", Header: []node.Header{
		{Name: "Authorization", Value: "Bearer x"}, {Name: "Cookie", Value: "a=b"}, {Name: "X-Plain", Value: "1"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := "/start:truetruefalsetrue /same:truetruefalsetrue /other:falsefalsefalsetrue /back:falsefalsefalsetrue"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRedirectsAreBounded(t *testing.T) {
	hits := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits++
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	c := newClient(t, egress.Config{Policy: rules(t, nil, nil, true), MaxRedirects: 3})
	_, err := c.Do(t.Context(), node.HTTPRequest{URL: s.URL, Retries: 3})
	if f := wantCode(t, err, fault.Upstream); !strings.Contains(f.Message, "more than 3 times") {
		t.Error(err)
	}
	if hits != 4 {
		t.Errorf("%d requests, want the first and 3 redirects", hits)
	}
}
