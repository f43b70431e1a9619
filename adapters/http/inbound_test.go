package http

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// seen sends one request to a workflow and returns what it saw.
func seen(t *testing.T, change func(*Config), method, target, body string, headers ...string) (*ports.Inbound, int) {
	t.Helper()
	w := newWorld()
	var got *ports.Inbound
	w.serve = func(_ context.Context, in *ports.Inbound) (ports.Outbound, error) {
		got = in
		return ports.Outbound{}, nil
	}
	rec := ask(w.server(t, change), method, target, body, headers...)
	return got, rec.Code
}

func TestPaths(t *testing.T) {
	rows := []struct {
		name, target, path string
		status             int
	}{
		{"plain", "/a/b", "/a/b", 200},
		{"trailing slash stays", "/a/", "/a/", 200},
		{"double slash stays", "/a//b", "/a//b", 200},
		{"dots stay", "/a/../b", "/a/../b", 200},
		{"escaped letters", "/caf%C3%A9/%61", "/café/a", 200},
		{"escaped slash does not split", "/a%2Fb/c", "/a%2Fb/c", 200},
		{"lower case escape", "/a%2fb/%41", "/a%2Fb/A", 200},
		{"escaped percent", "/100%25", "/100%", 200},
		{"under /api but not reserved", "/api/procesar", "/api/procesar", 200},
		{"null byte", "/a%00b", "", 400},
		{"newline", "/a%0Ab", "", 400},
		{"delete", "/a%7F", "", 400},
		{"not UTF-8", "/a%FF", "", 400},
		{"reserved in disguise", "/api/%61dmin/workflows", "", 404},
		{"reserved by an escaped slash", "/api%2Fadmin/workflows", "", 404},
		{"debug is reserved", "/debug/vars", "", 404},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			in, status := seen(t, nil, "GET", row.target, "")
			if status != row.status {
				t.Fatalf("status %d, want %d", status, row.status)
			}
			if row.status != 200 {
				if in != nil {
					t.Fatal("the workflow saw the request")
				}
				return
			}
			if in.Path != row.path {
				t.Errorf("path %q, want %q", in.Path, row.path)
			}
		})
	}
}

func TestInboundCarriesTheRequest(t *testing.T) {
	in, _ := seen(t, nil, "POST", "/x?a=1&b=%2F", `{"k":1}`, "Content-Type: application/json", "X-Thing: one", "X-Thing: two")
	in.Header = map[string][]string{"X-Thing": in.Header["X-Thing"]}
	want := &ports.Inbound{
		Method: "POST", Path: "/x", RawQuery: "a=1&b=%2F", Scheme: "http", Host: "example.com",
		RealIP: "192.0.2.1", PeerIP: "192.0.2.1", Body: []byte(`{"k":1}`), Header: map[string][]string{"X-Thing": {"one", "two"}},
	}
	if !reflect.DeepEqual(in, want) {
		t.Errorf("got %+v\nwant %+v", in, want)
	}
}

func TestRealIPAndScheme(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	rows := []struct {
		name, peer string
		trusted    []netip.Prefix
		forwarded  []string
		proto      string
		ip, scheme string
	}{
		{"direct", "203.0.113.9:1", nil, nil, "", "203.0.113.9", "http"},
		{"direct v6", "[2001:db8::1]:1", nil, nil, "", "2001:db8::1", "http"},
		{"forged without proxies", "203.0.113.9:1", nil, []string{"1.1.1.1"}, "https", "203.0.113.9", "http"},
		{"forged from outside", "203.0.113.9:1", proxies, []string{"1.1.1.1"}, "https", "203.0.113.9", "http"},
		{"behind a proxy", "10.0.0.1:1", proxies, []string{"198.51.100.7"}, "https", "198.51.100.7", "https"},
		{"claims to the left", "10.0.0.1:1", proxies, []string{"6.6.6.6, 198.51.100.7"}, "", "198.51.100.7", "http"},
		{"two proxies", "10.0.0.1:1", proxies, []string{"6.6.6.6, 198.51.100.7, 10.0.0.2"}, "", "198.51.100.7", "http"},
		{"two header lines", "10.0.0.1:1", proxies, []string{"6.6.6.6, 198.51.100.7", "10.0.0.2"}, "", "198.51.100.7", "http"},
		{"only proxies", "10.0.0.1:1", proxies, []string{"10.0.0.3, 10.0.0.2"}, "", "10.0.0.3", "http"},
		{"garbage", "10.0.0.1:1", proxies, []string{"1.1.1.1, <script>"}, "", "10.0.0.1", "http"},
		{"empty header", "10.0.0.1:1", proxies, []string{""}, "", "10.0.0.1", "http"},
		{"no header", "10.0.0.1:1", proxies, nil, "", "10.0.0.1", "http"},
		{"with a port", "10.0.0.1:1", proxies, []string{"198.51.100.7:4711"}, "", "198.51.100.7", "http"},
		{"v6 in brackets", "[fd00::1]:1", proxies, []string{"[2001:db8::2]"}, "", "2001:db8::2", "http"},
		{"v4 in v6", "[::ffff:10.0.0.1]:1", proxies, []string{"198.51.100.7"}, "HTTPS", "198.51.100.7", "https"},
		{"nearest proxy decides the scheme", "10.0.0.1:1", proxies, nil, "https, http", "10.0.0.1", "http"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := newWorld().server(t, func(c *Config) { c.TrustedProxies = row.trusted })
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = row.peer
			r.Header["X-Forwarded-For"] = row.forwarded
			if row.proto != "" {
				r.Header.Set("X-Forwarded-Proto", row.proto)
			}
			if ip, scheme := s.realIP(r), s.scheme(r); ip != row.ip || scheme != row.scheme {
				t.Errorf("got %s by %s, want %s by %s", ip, scheme, row.ip, row.scheme)
			}
		})
	}
}

const boundary = "Content-Type: multipart/form-data; boundary=B"

func multipartBody(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("--B\r\n" + part + "\r\n")
	}
	return b.String() + "--B--\r\n"
}

func TestForms(t *testing.T) {
	field := "Content-Disposition: form-data; name=\"a\"\r\n\r\n1"
	file := "Content-Disposition: form-data; name=\"f\"; filename=\"C:\\\\x\\\\doc.txt\"\r\nContent-Type: text/plain\r\n\r\nhello"
	urlType := "Content-Type: application/x-www-form-urlencoded; charset=UTF-8"
	rows := []struct {
		name, kind, body string
		status           int
		form             url.Values
		files            []ports.FormFile
	}{
		{"url-encoded", urlType, "a=1&a=2&b=%C3%A9+x", 200, url.Values{"a": {"1", "2"}, "b": {"é x"}}, nil},
		{"broken escape", urlType, "a=%zz", 400, nil, nil},
		{"too many fields", urlType, strings.Repeat("a=1&", 20), 413, nil, nil},
		{"json is no form", "Content-Type: application/json", `{"a":1}`, 200, nil, nil},
		{"multipart", boundary, multipartBody(field, file), 200, url.Values{"a": {"1"}},
			[]ports.FormFile{{Field: "f", Name: "doc.txt", ContentType: "text/plain", Content: []byte("hello")}}},
		{"part without a name", boundary, multipartBody("Content-Type: text/plain\r\n\r\nx"), 200, url.Values{}, nil},
		{"no boundary", "Content-Type: multipart/form-data", "x", 400, nil, nil},
		{"cut short", boundary, "--B\r\n" + field, 400, nil, nil},
		{"too many parts", boundary, multipartBody(strings.Split(strings.Repeat(field+"|", 19)+field, "|")...), 413, nil, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			in, status := seen(t, func(c *Config) { c.MaxFormParts = 10 }, "POST", "/x", row.body, row.kind)
			if status != row.status {
				t.Fatalf("status %d, want %d", status, row.status)
			}
			if status == 200 && (!reflect.DeepEqual(in.Form, row.form) || !reflect.DeepEqual(in.Files, row.files)) {
				t.Errorf("form %v files %+v", in.Form, in.Files)
			}
		})
	}
}

func TestCompressedBodyIsRefused(t *testing.T) {
	for _, coding := range []string{"gzip", "GZIP", "deflate, gzip", "br"} {
		w := newWorld()
		rec := w.do(t, "POST", "/x", "data", "Content-Encoding: "+coding)
		wantStatus(t, rec, 415)
		if rec.Header().Get("Accept-Encoding") != "identity" {
			t.Errorf("headers %v", rec.Header())
		}
	}
	if _, status := seen(t, nil, "POST", "/x", "data", "Content-Encoding: identity"); status != 200 {
		t.Errorf("identity is refused with %d", status)
	}
}

func FuzzInbound(f *testing.F) {
	f.Add("/a%2Fb?x=1", "application/x-www-form-urlencoded", "a=1&b", "1.1.1.1, 10.0.0.1", "nflow_session=x; a=b")
	f.Add("/", "multipart/form-data; boundary=B", multipartBody("Content-Disposition: form-data; name=a\r\n\r\n1"), "", "")
	f.Add("/%00", "", "", "[::1]:2", ";;=")
	s := newWorld().server(f, func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		c.MaxBodyBytes = 1 << 16
	})
	f.Fuzz(func(t *testing.T, target, kind, body, forwarded, cookie string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Skip("net/http refuses such a target before we see it")
		}
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.URL = u
		r.Header.Set("Content-Type", kind)
		r.Header.Set("X-Forwarded-For", forwarded)
		r.Header.Set("Cookie", cookie)
		ex := s.begin(httptest.NewRecorder(), r)
		in, err := ex.head()
		if err != nil || ex.read(in) != nil {
			return
		}
		if !strings.HasPrefix(in.Path, "/") && u.Path != "" && u.Path[0] == '/' {
			t.Errorf("path %q of %q", in.Path, target)
		}
		if !utf8.ValidString(in.Path) || strings.ContainsAny(in.Path, "\x00\r\n\x7f") {
			t.Errorf("path %q is not plain", in.Path)
		}
		if strings.Count(in.Path, "/") > strings.Count(u.EscapedPath(), "/")+1 {
			t.Errorf("an escaped slash of %q split %q", target, in.Path)
		}
		if _, ok := parseIP(in.RealIP); !ok {
			t.Errorf("real ip %q", in.RealIP)
		}
		if in.SessionID != "" {
			t.Errorf("a forged cookie gave the session %q", in.SessionID)
		}
		if string(in.Body) != body {
			t.Errorf("body changed")
		}
	})
}
