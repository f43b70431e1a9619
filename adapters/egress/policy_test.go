package egress_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/egress"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// TestInnerAddressesAreRefused tries to reach this machine and its network in
// every spelling known to fool such checks.
func TestInnerAddressesAreRefused(t *testing.T) {
	port, hits := canary(t)
	c := newClient(t, egress.Config{
		Policy: rules(t, nil, nil, false),
		Resolver: names(t, map[string][]string{
			"inner.example":    {"127.0.0.1"},
			"inner6.example":   {"::1"},
			"metadata.example": {"169.254.169.254"},
			"mapped.example":   {"::ffff:127.0.0.1"},
		}),
	})
	for _, host := range []string{
		"127.0.0.1", "127.0.0.2", "127.255.255.254", "localhost", "LOCALHOST", "localhost.",
		"0.0.0.0", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[fe80::1%25lo]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
		"[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[2002:7f00:1::]",
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "[fd00::1]", "[fec0::1]", "0.1.2.3", "192.0.0.8", "198.18.0.1", "240.0.0.1", "224.0.0.1", "255.255.255.255",
		"127.1", "127.0.1", "0", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1.",
		"①②⑦.⓪.⓪.①", "127。0。0。1",
		"inner.example", "inner6.example", "metadata.example", "mapped.example", "user:pass@inner.example", "127.0.0.1@inner.example",
	} {
		t.Run(host, func(t *testing.T) {
			_, err := c.Do(t.Context(), get("http://"+host+":"+port+"/"))
			switch f := fault.As(err); {
			case f == nil:
				t.Error("was called")
			case f.Code == fault.Forbidden, f.Code == fault.Invalid:
			case f.Code == fault.Upstream && strings.Contains(f.Message, "cannot be resolved"): // no address at all
			default:
				t.Errorf("code %s: %v", f.Code, err)
			}
		})
	}
	if n := hits.Load(); n > 0 {
		t.Errorf("the server inside was reached %d times", n)
	}
}

func TestSpellingsThatResolveHereReallyWereRefused(t *testing.T) {
	// The same names reach the server when they may: the test above is not empty.
	port, hits := canary(t)
	c := newClient(t, egress.Config{
		Policy:   rules(t, nil, nil, true),
		Resolver: names(t, map[string][]string{"inner.example": {"127.0.0.1"}, "mapped.example": {"::ffff:127.0.0.1"}}),
	})
	for i, host := range []string{"127.0.0.1", "localhost", "[::ffff:7f00:1]", "inner.example", "mapped.example", "①②⑦.⓪.⓪.①"} {
		if _, err := c.Do(t.Context(), get("http://"+host+":"+port+"/")); err != nil || int(hits.Load()) != i+1 {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestRebindingIsCaughtAtDialTime(t *testing.T) {
	port, hits := canary(t)
	c := newClient(t, egress.Config{
		Policy:   rules(t, []string{"rebind.example", "127.0.0.9"}, nil, false),
		Resolver: names(t, map[string][]string{"rebind.example": {"127.0.0.9", "127.0.0.1"}}),
	})
	// The first answer is an address that is allowed, where nobody listens.
	_, err := c.Do(t.Context(), get("http://rebind.example:"+port+"/"))
	wantCode(t, err, fault.Upstream)
	_, err = c.Do(t.Context(), get("http://rebind.example:"+port+"/"))
	wantCode(t, err, fault.Forbidden)
	if hits.Load() > 0 {
		t.Error("the server inside was reached")
	}
}

func TestRedirectsAreJudgedLikeCalls(t *testing.T) {
	port, hits := canary(t)
	outside := ""
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	outside = strings.Replace(s.URL, "127.0.0.1", "outside.example", 1)
	c := newClient(t, egress.Config{
		// The server of redirects listens on an address that is denied by every
		// name but its own.
		Policy: rules(t, nil, []string{"denied.example", "127.0.0.2/31"}, true),
		Resolver: names(t, map[string][]string{
			"outside.example": {"127.0.0.1"}, "denied.example": {"127.0.0.1"}, "inner.example": {"127.0.0.2"},
		}),
	})
	for to, code := range map[string]fault.Code{
		"http://denied.example:" + port:      fault.Forbidden,
		"http://DENIED.example.:" + port:     fault.Forbidden,
		"http://inner.example:" + port:       fault.Forbidden,
		"//127.0.0.3:" + port:                fault.Forbidden,
		"http://[::ffff:127.0.0.2]:" + port:  fault.Forbidden,
		"file:///etc/passwd":                 fault.Upstream,
		"gopher://127.0.0.1:" + port + "/_x": fault.Upstream,
		"http://":                            fault.Upstream,
	} {
		t.Run(to, func(t *testing.T) {
			_, err := c.Do(t.Context(), get(outside+"/?to="+to))
			wantCode(t, err, code)
		})
	}
	if hits.Load() > 0 {
		t.Error("the server inside was reached")
	}
	if r, err := c.Do(t.Context(), get(outside+"/?to=http://outside.example:"+port)); err != nil || string(r.Body) != "secret" {
		t.Errorf("a permitted redirect: %q, %v", r.Body, err)
	}
}

func TestOnlyListedHosts(t *testing.T) {
	port, _ := canary(t)
	c := newClient(t, egress.Config{
		Policy:   rules(t, []string{"*.good.example"}, []string{"bad.good.example"}, true),
		Resolver: names(t, map[string][]string{"a.good.example": {"127.0.0.1"}, "bad.good.example": {"127.0.0.1"}, "other.example": {"127.0.0.1"}}),
	})
	if _, err := c.Do(t.Context(), get("http://a.good.example:"+port)); err != nil {
		t.Error(err)
	}
	for _, host := range []string{"bad.good.example", "other.example", "127.0.0.1"} {
		_, err := c.Do(t.Context(), get("http://"+host+":"+port))
		wantCode(t, err, fault.Forbidden)
	}
}

func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	port, hits := canary(t)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:"+port)
	}
	c := newClient(t, egress.Config{
		Policy:   rules(t, nil, nil, true),
		Resolver: names(t, map[string][]string{"a.example": {"127.0.0.9"}}),
	})
	_, err := c.Do(t.Context(), get("http://a.example:"+port))
	wantCode(t, err, fault.Upstream)
	if hits.Load() > 0 {
		t.Error("the proxy was used")
	}
}

// TestOnlyHostsBindCallsAndRedirects: what a caller may reach is less than the
// policy permits, wherever a server sends it.
func TestOnlyHostsBindCallsAndRedirects(t *testing.T) {
	port, hits := canary(t)
	from := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	c := newClient(t, egress.Config{
		Policy:   rules(t, nil, nil, true),
		Resolver: names(t, map[string][]string{"api.example": {"127.0.0.1"}, "other.example": {"127.0.0.1"}}),
	})
	_, fromPort, _ := strings.Cut(strings.TrimPrefix(from.URL, "http://"), ":")
	call := func(url string) error {
		r := get(url)
		r.OnlyHosts = []string{"api.example"}
		_, err := c.Do(t.Context(), r)
		return err
	}
	if err := call("http://api.example:" + port + "/"); err != nil || hits.Load() != 1 {
		t.Fatalf("granted host: %v, %d hits", err, hits.Load())
	}
	for _, url := range []string{
		"http://other.example:" + port + "/", "http://127.0.0.1:" + port + "/",
		"http://api.example:" + fromPort + "/?to=http://other.example:" + port + "/",
		"http://api.example:" + fromPort + "/?to=http://127.0.0.1:" + port + "/",
	} {
		if err := call(url); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", url, err)
		}
	}
	if hits.Load() != 1 {
		t.Errorf("%d hits", hits.Load())
	}
}

// TestOnlyHostsBindTheHostHeader: one address may serve many hosts.
func TestOnlyHostsBindTheHostHeader(t *testing.T) {
	port, hits := canary(t)
	c := newClient(t, egress.Config{
		Policy: rules(t, nil, nil, true), Resolver: names(t, map[string][]string{"api.example": {"127.0.0.1"}}),
	})
	for host, want := range map[string]fault.Code{"api.example": "", "API.example:" + port: "", "other.example": fault.Forbidden, "*": fault.Forbidden} {
		r := get("http://api.example:" + port + "/")
		r.OnlyHosts, r.Header = []string{"api.example"}, []node.Header{{Name: "host", Value: host}}
		if _, err := c.Do(t.Context(), r); fault.CodeOf(err) != want {
			t.Errorf("Host: %s gives %v", host, err)
		}
	}
	if hits.Load() != 2 {
		t.Errorf("%d hits", hits.Load())
	}
}
