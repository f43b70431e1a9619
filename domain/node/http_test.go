package node_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func TestHTTPPlan(t *testing.T) {
	tests := []struct {
		name, data, in string
		want           node.HTTPRequest
	}{
		{"least", `{"url":"https://x/a"}`, `{}`, node.HTTPRequest{Method: "GET", URL: "https://x/a"}},
		{"method in any case", `{"url":"https://x/","method":"delete"}`, `{}`, node.HTTPRequest{Method: "DELETE", URL: "https://x/"}},
		{"a body makes it POST, JSON", `{"url":"https://x/","body":{"n":"{{payload.n}}"}}`, `{"n":[1]}`, node.HTTPRequest{
			Method: "POST", URL: "https://x/", Body: []byte(`{"n":[1]}`), Header: []node.Header{{"Content-Type", "application/json"}}}},
		{"a text body as it is", `{"url":"https://x/","body":"n={{payload.n}}"}`, `{"n":5}`, node.HTTPRequest{Method: "POST", URL: "https://x/", Body: []byte(`n=5`)}},
		{"content type of the author", `{"url":"https://x/","body":[1],"headers":{"content-type":"application/vnd+json"}}`, `{}`, node.HTTPRequest{
			Method: "POST", URL: "https://x/", Body: []byte(`[1]`), Header: []node.Header{{"content-type", "application/vnd+json"}}}},
		{"form", `{"url":"https://x/","body":{"a":["1","2"],"b":"& ="},"headers":{"Content-Type":"application/x-www-form-urlencoded"}}`, `{}`, node.HTTPRequest{
			Method: "POST", URL: "https://x/", Body: []byte(`a=1&a=2&b=%26+%3D`), Header: []node.Header{{"Content-Type", "application/x-www-form-urlencoded"}}}},
		{"lists give one header line each", `{"url":"https://x/","headers":{"A":["1","{{vars.id}}"],"B":7}}`, `{}`, node.HTTPRequest{
			Method: "GET", URL: "https://x/", Header: []node.Header{{"A", "1"}, {"A", "42"}, {"B", "7"}}}},
		{"timeout in seconds, retries as text", `{"url":"https://x/","timeout":1.5,"retries":"2"}`, `{}`, node.HTTPRequest{
			Method: "GET", URL: "https://x/", Timeout: 1500 * time.Millisecond, Retries: 2}},
		{"timeout as text", `{"url":"https://x/","timeout":"250ms"}`, `{}`, node.HTTPRequest{Method: "GET", URL: "https://x/", Timeout: 250 * time.Millisecond}},
		{"query", `{"url":"https://x/a","query":{"q":"{{payload.q}}","p":["1","2"]}}`, `{"q":"a b&c"}`, node.HTTPRequest{Method: "GET", URL: "https://x/a?p=1&p=2&q=a+b%26c"}},
		{"query beside one in the url", `{"url":"https://x/a?z=1","query":{"q":1}}`, `{}`, node.HTTPRequest{Method: "GET", URL: "https://x/a?z=1&q=1"}},
		{"query before the fragment", `{"url":"https://x/a#top","query":{"q":1}}`, `{}`, node.HTTPRequest{Method: "GET", URL: "https://x/a?q=1#top"}},
		{"empty query", `{"url":"https://x/a","query":{}}`, `{}`, node.HTTPRequest{Method: "GET", URL: "https://x/a"}},
		{"whole url from the payload", `{"url":"{{payload.u}}"}`, `{"u":"http://y:8/a/../b?c=d/e"}`, node.HTTPRequest{Method: "GET", URL: "http://y:8/a/../b?c=d/e"}},
		{"base from the payload", `{"url":"{{payload.u}}/items/{{vars.id}}"}`, `{"u":"http://y:8/v1"}`, node.HTTPRequest{Method: "GET", URL: "http://y:8/v1/items/42"}},
		{"host and port from the payload", `{"url":"http://{{payload.h}}/a"}`, `{"h":"localhost:8080"}`, node.HTTPRequest{Method: "GET", URL: "http://localhost:8080/a"}},
		{"IPv6 host from the payload", `{"url":"http://{{payload.h}}:81/a"}`, `{"h":"[::1]"}`, node.HTTPRequest{Method: "GET", URL: "http://[::1]:81/a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			equal(t, "request", planned[node.HTTPRequest](t, "http", tt.data, tt.in), tt.want)
		})
	}
}

// Whatever stands in a payload, it stays in the part of the URL it was written
// in: other hosts, segments and query fields are out of reach.
func TestValuesCannotLeaveTheirPartOfTheURL(t *testing.T) {
	hostile := []string{
		"evil.org/", "/evil.org", "//evil.org/", "evil.org#", "evil.org?", "@evil.org", "a@evil.org/", "x:80@evil.org", `\evil.org`, `/\evil.org`,
		"a/b", "../admin", "..", ".", "%2e%2e", "%2E%2e/x", "..%2fadmin", "..;/x", "a?b=c", "a&b=c", "a#b", "a=b", "a b", "a+b", "%", "%00", "\x00", "\r\nHost: evil.org", "é", "{}", "",
		"http://evil.org/",
	}
	templates := map[string]string{
		"path":              `https://api.corp/v1/users/{{payload.x}}/orders`,
		"end of the path":   `https://api.corp/v1/users/{{payload.x}}`,
		"part of a segment": `https://api.corp/v1/users/u-{{payload.x}}/orders`,
		"query":             `https://api.corp/v1/users?name={{payload.x}}&limit=1`,
		"fragment":          `https://api.corp/v1/users?limit=1#{{payload.x}}`,
		"subdomain":         `https://{{payload.x}}.api.corp/v1/users`,
		"inside the host":   `https://a-{{payload.x}}.api.corp/v1/users`,
		"after the host":    `https://api.corp{{payload.x}}`,
		"port":              `https://api.corp:{{payload.x}}/v1/users`,
		"password":          `https://me:{{payload.x}}@api.corp/v1/users`,
	}
	for part, template := range templates {
		c := compiled(t, "http", `{"url":`+string(payload.Text(template).Bytes())+`}`)
		plain, err := url.Parse(strings.ReplaceAll(strings.ReplaceAll(template, ":{{payload.x}}/", ":1/"), "{{payload.x}}", "x"))
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range hostile {
			step, err := c.Executor.Plan(node.Input{Payload: payload.Member("x", payload.Text(bad))})
			if err != nil {
				if f := fault.As(err); f.Code != fault.Invalid || f.Field != "data.url" {
					t.Errorf("%s %q: %v", part, bad, err)
				}
				continue
			}
			got, err := url.Parse(step.Request.(node.HTTPRequest).URL)
			if err != nil {
				continue // refused by whoever sends it
			}
			if part != "after the host" && !strings.HasSuffix(got.Hostname(), "api.corp") || part == "after the host" && !strings.HasPrefix(got.Host, "api.corp") {
				t.Errorf("%s %q: another host: %s", part, bad, got)
			}
			if part == "after the host" && strings.Contains(got.Hostname(), "evil.org") {
				t.Errorf("%s %q: another host: %s", part, bad, got)
			}
			if n, want := strings.Count(got.EscapedPath(), "/"), strings.Count(plain.EscapedPath(), "/"); n != want {
				t.Errorf("%s %q: %d segments instead of %d: %s", part, bad, n, want, got)
			}
			for segment := range strings.SplitSeq(got.Path, "/") {
				if segment == "." || segment == ".." {
					t.Errorf("%s %q: climbs: %s", part, bad, got)
				}
			}
			if got.Scheme != "https" || len(got.Query()) != len(plain.Query()) {
				t.Errorf("%s %q: another scheme or query: %s", part, bad, got)
			}
		}
	}
}

func TestHeadersHoldNoLineBreaks(t *testing.T) {
	for _, bad := range []string{"a\r\nX: y", "a\nb", "a\rb", "a\x00b"} {
		in := payload.Member("x", payload.Text(bad))
		for _, tt := range []struct{ name, typ, data string }{
			{"http value", "http", `{"url":"http://x/","headers":{"A":"v {{payload.x}}"}}`},
			{"http list", "http", `{"url":"http://x/","headers":{"A":["ok","{{payload.x}}"]}}`},
			{"response value", "response", `{"headers":{"A":"{{payload.x}}"}}`},
		} {
			_, err := compiled(t, tt.typ, tt.data).Executor.Plan(node.Input{Payload: in})
			if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Field != "data.headers" || strings.ContainsAny(f.Message, "\r\n\x00") {
				t.Errorf("%s %q: got %v", tt.name, bad, err)
			}
		}
	}
}

func TestExpect(t *testing.T) {
	tests := []struct {
		name, expect string
		yes, no      []int
	}{
		{"default", `null`, []int{200, 204, 299}, []int{199, 300, 404, 500}},
		{"empty", `""`, []int{200}, []int{300}},
		{"empty list", `[]`, []int{200}, []int{300}},
		{"any", `"any"`, []int{100, 204, 404, 599}, nil},
		{"class", `"4xx"`, []int{400, 499}, []int{399, 500, 200}},
		{"class in capitals", `"2XX"`, []int{200}, []int{300}},
		{"number", `404`, []int{404}, []int{200, 405}},
		{"words", `"200, 404-406 ,5xx"`, []int{200, 404, 406, 500}, []int{201, 403, 407}},
		{"list", `[200,"30x-399","404"]`, nil, nil},
		{"list of numbers and words", `[200,"300-399","404"]`, []int{200, 302, 404}, []int{201}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := `{"url":"http://x/","expect":` + tt.expect + `}`
			c, faults := compile(t, "http", data)
			if tt.yes == nil {
				if places(faults) != "data.expect" {
					t.Errorf("got %v", faults)
				}
				return
			}
			for _, status := range tt.yes {
				if _, err := c.Executor.Settle(input(t, `{}`), node.HTTPResult{Status: status}); err != nil {
					t.Errorf("%d: %v", status, err)
				}
			}
			for _, status := range tt.no {
				_, err := c.Executor.Settle(input(t, `{}`), node.HTTPResult{Status: status})
				if f := fault.As(err); f == nil || f.Code != fault.Upstream || f.Status != status {
					t.Errorf("%d: got %v", status, err)
				}
			}
		})
	}
	for _, bad := range []string{`"ok"`, `"2x"`, `"6xx"`, `"099"`, `"600"`, `"300-200"`, `"200,,201"`, `{}`, `true`, `[[200]]`, `"-"`, `"2xx-3xx"`, `20`} {
		if _, faults := compile(t, "http", `{"url":"http://x/","expect":`+bad+`}`); places(faults) != "data.expect" {
			t.Errorf("%s: got %v", bad, faults)
		}
	}
}

func TestHTTPAnswer(t *testing.T) {
	tests := []struct {
		name, data, in string
		result         node.HTTPResult
		want           string
	}{
		{"JSON", `{}`, `{"old":1}`, node.HTTPResult{Status: 200, Header: []node.Header{{"Content-Type", "application/json; charset=utf-8"}}, Body: []byte(` {"n":1e400} `)},
			`{"body":{"n":1e400},"headers":{"content-type":"application/json; charset=utf-8"},"status":200}`},
		{"problem JSON", `{"expect":"any"}`, `{}`, node.HTTPResult{Status: 404, Header: []node.Header{{"content-type", "application/problem+json"}}, Body: []byte(`{}`)},
			`{"body":{},"headers":{"content-type":"application/problem+json"},"status":404}`},
		{"broken JSON stays text", `{}`, `{}`, node.HTTPResult{Status: 200, Header: []node.Header{{"Content-Type", "application/json"}}, Body: []byte(`{"a":`)},
			`{"body":"{\"a\":","headers":{"content-type":"application/json"},"status":200}`},
		{"text", `{}`, `{}`, node.HTTPResult{Status: 200, Body: []byte("{}")}, `{"body":"{}","headers":{},"status":200}`},
		{"bytes in base64", `{}`, `{}`, node.HTTPResult{Status: 200, Body: []byte{0xff, 0xfe}}, `{"body":"//4=","headers":{},"status":200}`},
		{"header lines joined", `{}`, `{}`, node.HTTPResult{Status: 200, Header: []node.Header{{"Via", "a"}, {"VIA", "b"}}}, `{"body":"","headers":{"via":"a, b"},"status":200}`},
		{"kept beside the payload", `{"as":"r"}`, `{"old":1}`, node.HTTPResult{Status: 201}, `{"old":1,"r":{"body":"","headers":{},"status":201}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := string(value(t, tt.data).With("url", payload.Text("http://x/")).Bytes())
			o := settled(t, "http", data, tt.in, tt.result)
			if string(o.Payload.Bytes()) != tt.want || !json.Valid(o.Payload.Bytes()) {
				t.Errorf("got %s, want %s", o.Payload.Bytes(), tt.want)
			}
		})
	}
}
