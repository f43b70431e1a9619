package plugin_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

func TestGrantHosts(t *testing.T) {
	tests := []struct {
		name, wanted, granted string
		want                  bool
	}{
		{"the same", "api.example.com", "api.example.com", true},
		{"another", "api.example.com", "www.example.com", false},
		{"all below", "api.example.com", "*.example.com", true},
		{"far below", "a.b.example.com", "*.example.com", true},
		{"not the name itself", "example.com", "*.example.com", false},
		{"not a name that ends alike", "badexample.com", "*.example.com", false},
		{"a pattern below a pattern", "*.api.example.com", "*.example.com", true},
		{"a pattern above a pattern", "*.example.com", "*.api.example.com", false},
		{"the same pattern", "*.example.com", "*.example.com", true},
		{"a pattern from one name", "*.example.com", "api.example.com", false},
		{"a port where all are granted", "api.example.com:8080", "api.example.com", true},
		{"all ports where one is granted", "api.example.com", "api.example.com:8080", false},
		{"another port", "api.example.com:80", "api.example.com:8080", false},
		{"a port of all below", "api.example.com:8080", "*.example.com:8080", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := plugin.Manifest{Name: "p", Capabilities: plugin.Capabilities{HTTP: []string{tt.wanted}}}
			r, err := plugin.Grant(m, plugin.Capabilities{HTTP: []string{tt.granted}})
			if (err == nil) != tt.want || (len(r.Hosts()) == 1) != tt.want {
				t.Errorf("got %v, %v", r.Hosts(), err)
			}
		})
	}
}

func TestGrant(t *testing.T) {
	all := plugin.Capabilities{
		HTTP: []string{"a.example"}, KV: []string{"k"}, Env: []string{"E"}, Secret: []string{"s"}, FS: []string{"/d"},
	}
	granted := all
	granted.FS = []string{"/d=/srv/d"}
	r, err := plugin.Grant(plugin.Manifest{Capabilities: all, Optional: all}, granted)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, r.Capabilities()); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"/d": "/srv/d"}, r.Mounts()); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}

	_, err = plugin.Grant(plugin.Manifest{Name: "p", Capabilities: all}, plugin.Capabilities{FS: []string{"/d"}})
	for _, one := range []string{"http a.example", "kv k", "env E", "secret s", "fs /d"} {
		if err == nil || !strings.Contains(err.Error(), "the plugin p needs "+one+", which is not granted") {
			t.Errorf("%s is not named: %v", one, err)
		}
	}
	if fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("code %s", fault.CodeOf(err))
	}

	r, err = plugin.Grant(plugin.Manifest{Optional: all}, plugin.Capabilities{KV: []string{"k", "more"}})
	if diff := cmp.Diff(plugin.Capabilities{KV: []string{"k"}}, r.Capabilities()); err != nil || diff != "" {
		t.Errorf("what is optional and not granted is left out, what is not asked for too: %v\n%s", err, diff)
	}
}

func TestPermitURL(t *testing.T) {
	m := plugin.Manifest{Capabilities: plugin.Capabilities{HTTP: []string{
		"api.example.com", "*.wild.example", "port.example:8443", "*.ports.example:9000", "tls.example:443", "10.0.0.1",
	}}}
	r, err := plugin.Grant(m, m.Capabilities)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		url  string
		want fault.Code
	}{
		{"https://api.example.com/x?y#z", ""},
		{"http://api.example.com:8080/", ""},
		{"HTTPS://API.Example.COM/", ""},
		{"https://api.example.com./", ""},
		{"https://api.example.com.:444/", ""},
		{"https://user:pw@api.example.com/", ""},
		{"https://api.example.com:/", ""},
		{"https://a.wild.example", ""},
		{"https://a.b.wild.example:1", ""},
		{"https://port.example:8443", ""},
		{"https://x.ports.example:9000", ""},
		{"https://tls.example/", ""},
		{"http://10.0.0.1/", ""},

		{"http://tls.example/", fault.Forbidden},
		{"https://tls.example:444/", fault.Forbidden},
		{"https://wild.example", fault.Forbidden},
		{"https://.wild.example", fault.Forbidden},
		{"https://evilwild.example", fault.Forbidden},
		{"https://a.wild.example.evil.test", fault.Forbidden},
		{"https://port.example", fault.Forbidden},
		{"https://port.example:8444", fault.Forbidden},
		{"https://x.ports.example", fault.Forbidden},
		{"https://api.example.com@evil.test/", fault.Forbidden},
		{"https://api.example.com:pw@evil.test/", fault.Forbidden},
		{"https://evil.test/api.example.com", fault.Forbidden},
		{"https://evil.test?api.example.com", fault.Forbidden},
		{"https://evil.test#@api.example.com", fault.Forbidden},
		{"https://api.example.com.evil.test", fault.Forbidden},
		{"https://[::1]/", fault.Forbidden},
		{"https://[::1]:443/", fault.Forbidden},
		{"https://[::ffff:10.0.0.1]/", fault.Forbidden},
		{"https://10.0.0.1.evil.test/", fault.Forbidden},
		{"https://167772161/", fault.Forbidden},
		{"https://*.wild.example/", fault.Forbidden},
		{"https://api.example.com../", fault.Forbidden},
		{"https://api.ex%61mple.com/", fault.Malformed},
		{`https://evil.test\@api.example.com/`, fault.Malformed},
		{"https://api.example.com:80x/", fault.Malformed},
		{"ftp://api.example.com/", fault.Malformed},
		{"file:///etc/passwd", fault.Malformed},
		{"file://api.example.com/etc/passwd", fault.Malformed},
		{"//api.example.com/", fault.Malformed},
		{"api.example.com", fault.Malformed},
		{"/path", fault.Malformed},
		{"https://:443/", fault.Malformed},
		{"", fault.Malformed},
		{"https://api.example.com\n.evil.test/", fault.Malformed},
	}
	for _, tt := range tests {
		if got := fault.CodeOf(r.PermitURL(tt.url)); got != tt.want {
			t.Errorf("%q: got %q, want %q (%v)", tt.url, got, tt.want, r.PermitURL(tt.url))
		}
	}
	if got := fault.CodeOf(plugin.Rights{}.PermitURL("https://api.example.com")); got != fault.Forbidden {
		t.Errorf("no rights allow something: %q", got)
	}
}

func TestPermitsHost(t *testing.T) {
	for _, host := range []string{"", ":80", ".", "*", "*.a.example", "[::1]", "[::1]:80"} {
		if plugin.PermitsHost([]string{"*.a.example", "a.example", "", "*"}, host) {
			t.Errorf("%q is allowed", host)
		}
	}
}

func TestPermit(t *testing.T) {
	caps := plugin.Capabilities{KV: []string{"k"}, Env: []string{"E"}, Secret: []string{"s"}, FS: []string{"/d"}, HTTP: []string{"h.example"}}
	granted := caps
	granted.FS = []string{"/d=/x"}
	r, err := plugin.Grant(plugin.Manifest{Capabilities: caps}, granted)
	if err != nil {
		t.Fatal(err)
	}
	for kind, name := range map[plugin.Kind]string{plugin.KV: "k", plugin.Env: "E", plugin.Secret: "s", plugin.FS: "/d", plugin.HTTP: "h.example"} {
		if err := r.Permit(kind, name); err != nil {
			t.Errorf("%s %s: %v", kind, name, err)
		}
		for _, other := range []string{"", "other", name + "x", strings.ToUpper(name) + "X"} {
			if got := fault.CodeOf(r.Permit(kind, other)); got != fault.Forbidden {
				t.Errorf("%s %q: %q", kind, other, got)
			}
		}
	}
	if fault.CodeOf(r.Permit("strange", "k")) != fault.Forbidden {
		t.Error("an unknown kind is allowed")
	}
}

func TestCheckGrants(t *testing.T) {
	good := plugin.Capabilities{HTTP: []string{"*.a.example:80"}, KV: []string{"k"}, Env: []string{"E"}, Secret: []string{"s"}, FS: []string{"/d=/srv/d"}}
	if l := plugin.CheckGrants("plugins[0].grants", good); l != nil {
		t.Errorf("got %v", l)
	}
	tests := []struct {
		grants plugin.Capabilities
		want   string
	}{
		{plugin.Capabilities{HTTP: []string{"http://x"}}, `g.http: "http://x" is no host name`},
		{plugin.Capabilities{KV: []string{""}}, `g.kv: "" is no name`},
		{plugin.Capabilities{Env: []string{"1"}}, `g.env: "1"`},
		{plugin.Capabilities{Secret: []string{"*"}}, `g.secret: "*"`},
		{plugin.Capabilities{FS: []string{"/d"}}, `g.fs: "/d" is not of the form /what/it/sees=/directory/of/the/host`},
		{plugin.Capabilities{FS: []string{"/d=srv"}}, `g.fs: "/d=srv" is not of the form`},
		{plugin.Capabilities{FS: []string{"d=/srv"}}, `g.fs: "d" is no absolute path`},
	}
	for _, tt := range tests {
		l := plugin.CheckGrants("g", tt.grants)
		if len(l) != 1 || !strings.HasPrefix(l.Error(), tt.want) {
			t.Errorf("got %v, want %s", l, tt.want)
		}
	}
}
