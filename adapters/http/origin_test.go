package http

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// matrix is a request as browsers and others send it, and whether it passes.
type matrix struct {
	name, method, target, site, origin, referer string
	passes                                      bool
}

const (
	shop = "https://shop.example.com"
	evil = "https://evil.example"
	form = "/order/nfnext/n-1"
)

func matrices() []matrix {
	var rows []matrix
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} {
		rows = append(rows,
			matrix{"own page", method, "/x", "same-origin", "http://flows.test", "", true},
			matrix{"typed by the visitor", method, "/x", "none", "", "", true},
			matrix{"another site", method, "/x", "cross-site", evil, "", false},
			matrix{"another site without an origin", method, "/x", "cross-site", "", "", false},
			matrix{"a sandboxed frame", method, "/x", "cross-site", "null", "", false},
			matrix{"another host of the domain", method, "/x", "same-site", "http://other.flows.test", "", false},
			matrix{"a trusted site", method, "/x", "cross-site", shop, "", true},
			matrix{"a trusted site by another scheme", method, "/x", "cross-site", "http://shop.example.com", "", false},
			matrix{"a trusted site by another port", method, "/x", "cross-site", shop + ":8443", "", false},
			matrix{"below a trusted site", method, "/x", "cross-site", "https://a.shop.example.com", "", false},
			matrix{"an old browser, own page", method, "/x", "", "http://flows.test", "", true},
			matrix{"an old browser, another site", method, "/x", "", evil, "", false},
			matrix{"an old browser, a sandboxed frame", method, "/x", "", "null", "", false},
			matrix{"an old browser, another port", method, "/x", "", "http://flows.test:81", "", false},
			matrix{"an old browser, trusted", method, "/x", "", shop, "", true},
			matrix{"no browser", method, "/x", "", "", "", true},
			matrix{"what no browser says", method, "/x", "sideways", "", "", false},
			matrix{"a form, own page", method, form, "same-origin", "http://flows.test", "", true},
			matrix{"a form, trusted site", method, form, "cross-site", shop, "", true},
			matrix{"a form, another site", method, form, "cross-site", evil, "", false},
		)
	}
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		rows = append(rows, matrix{"reading, own page", method, "/x", "same-origin", "", "", true},
			matrix{"reading, a link of another site", method, "/x", "cross-site", "", evil + "/", true},
			matrix{"reading, another host of the domain", method, "/x", "same-site", "", "", true},
			matrix{"a tag alone begins anew", method, "/order/nftk/tag", "cross-site", "", "", true})
		for _, target := range []string{form, "/order/nftk/tag/nfnext/n-1", "/order/nflow_next_node_run/n-1",
			"/nflow/node/run/Home/n-1", "/order?nflow_next_node_run=n-1", "/order?a=1&nflow_next_node_run=n-1", "/order/%6efnext/n-1"} {
			rows = append(rows,
				matrix{"own form", method, target, "same-origin", "", "", true},
				matrix{"typed", method, target, "none", "", "", true},
				matrix{"another host of the domain", method, target, "same-site", "", "http://other.flows.test/", false},
				matrix{"a host of the domain that is trusted", method, target, "same-site", "", shop + "/", true},
				matrix{"what no browser says", method, target, "sideways", "", "", false},
				matrix{"no browser", method, target, "", "", "", true},
				matrix{"a link of another site", method, target, "cross-site", "", evil + "/page", false},
				matrix{"a link without a referrer", method, target, "cross-site", "", "", false},
				matrix{"a script of another site", method, target, "cross-site", evil, shop + "/", false},
				matrix{"a link of a trusted site", method, target, "cross-site", "", shop + "/pay?x=1", true},
				matrix{"a script of a trusted site", method, target, "cross-site", shop, "", true},
				matrix{"a link that only looks trusted", method, target, "cross-site", "", evil + "/" + shop, false},
				matrix{"a user that looks trusted", method, target, "cross-site", "", "https://shop.example.com@evil.example/", false},
			)
		}
	}
	return rows
}

func (m matrix) headers(more ...string) []string {
	for name, value := range map[string]string{"Sec-Fetch-Site": m.site, "Origin": m.origin, "Referer": m.referer} {
		if value != "" {
			more = append(more, name+": "+value)
		}
	}
	return more
}

func TestCrossOrigin(t *testing.T) {
	w := newWorld()
	trust := func(c *Config) { c.CrossOrigin.Trusted = []string{"https://Shop.example.com:443"} }
	s := w.server(t, trust)
	session := w.visit(t, s, ports.SessionChange{Changed: true, ID: "s"}, "http://flows.test/x")
	cookie := "Cookie: a=1; " + session.Name + "=" + session.Value
	w.serve = newWorld().serve
	off := w.server(t, func(c *Config) { trust(c); c.CrossOrigin.Off = true })
	for _, row := range matrices() {
		t.Run(fmt.Sprintf("%s %s %s", row.name, row.method, row.target), func(t *testing.T) {
			rec := ask(s, row.method, "http://flows.test"+row.target, "", row.headers(cookie)...)
			if passed := rec.Code == 200; passed != row.passes {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			if !row.passes && row.method != "HEAD" {
				wantStatus(t, rec, 403)
				if body := rec.Body.String(); !strings.Contains(body, `"code":"forbidden"`) || !strings.Contains(body, "auth.trusted_origins") {
					t.Errorf("body %s", body)
				}
			}
			wantStatus(t, ask(s, row.method, "http://flows.test"+row.target, "", row.headers()...), 200)
			wantStatus(t, ask(s, row.method, "http://flows.test"+row.target, "", row.headers("Cookie: nflow_session=forged")...), 200)
			wantStatus(t, ask(off, row.method, "http://flows.test"+row.target, "", row.headers(cookie)...), 200)
		})
	}
}

// Behind a proxy that ends TLS, and may rewrite Host, browsers still say where a
// request comes from.
func TestCrossOriginBehindAProxy(t *testing.T) {
	w := newWorld()
	s := w.server(t, func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
		c.CrossOrigin.Trusted = []string{"https://flows.example.com"}
	})
	value, err := s.cookies.Encode("__Host-nflow_session", []byte("0.sid"))
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name, host, site, origin string
		status                   int
	}{
		{"own page", "flows.example.com", "same-origin", "https://flows.example.com", 200},
		{"own page, other Host inside", "10.0.0.5:8080", "same-origin", "https://flows.example.com", 200},
		{"old browser", "flows.example.com", "", "https://flows.example.com", 200},
		{"old browser, other Host inside", "10.0.0.5:8080", "", "https://flows.example.com", 200},
		{"another site", "flows.example.com", "cross-site", evil, 403},
		{"another site, old browser", "10.0.0.5:8080", "", evil, 403},
		{"a page that guesses the Host inside, old browser", "10.0.0.5:8080", "cross-site", "http://10.0.0.5:8080", 403},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m := matrix{site: row.site, origin: row.origin}
			rec := ask(s, "POST", "http://"+row.host+"/x", "a=1", m.headers("X-Forwarded-Proto: https", "Cookie: __Host-nflow_session="+value)...)
			wantStatus(t, rec, row.status)
		})
	}
}

// The API takes bearer tokens, which no other site can make a browser send.
func TestTheAPINeedsNoOrigin(t *testing.T) {
	w := newWorld()
	s := w.server(t, nil)
	session := w.visit(t, s, ports.SessionChange{Changed: true, ID: "s"}, "/x")
	m := matrix{site: "cross-site", origin: evil}
	rec := ask(s, "PUT", "/api/admin/templates/a", "text", m.headers(bearerAdmin, "Content-Type: text/plain", "Cookie: "+session.Name+"="+session.Value)...)
	wantStatus(t, rec, 204)
}

func TestTrustedOrigins(t *testing.T) {
	for _, bad := range []string{"", "shop.example.com", "https://", "https://shop.example.com/", "https://shop.example.com/pay", "https://u@shop.example.com",
		"https://shop.example.com?x", "https://shop.example.com#x", "ftp://shop.example.com", "null", "*", "https:shop", "https://shop example.com"} {
		err := Config{CookieKey: make([]byte, 32), CrossOrigin: CrossOrigin{Trusted: []string{shop, bad}}}.Validate()
		if f := fault.As(err); f == nil || f.Field != "auth.trusted_origins" || f.Code != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for given, want := range map[string]string{
		"https://Shop.Example.com": shop, shop + ":443": shop, "http://localhost:80": "http://localhost",
		"HTTP://[::1]:8080": "http://[::1]:8080", "http://h:443": "http://h:443",
	} {
		if got, ok := parseOrigin(given); !ok || got != want {
			t.Errorf("%q reads as %q", given, got)
		}
	}
}
